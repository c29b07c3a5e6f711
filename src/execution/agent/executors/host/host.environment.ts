// The environment of one task on this machine: a home directory of its own and the processes started in it.
import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { killTree } from '../../../../platform/process/index.js';
import { DirectoryFiles } from '../../files/directory-files.js';
import type {
  CommandSpec,
  ExecutionEnvironment,
  FileStat,
  NewEntry,
  RunningCommand,
} from '../executor.port.js';
import { HostCommand } from './host.command.js';
import { NewEntries } from './new-entries.js';
import { closePipe, type PipePool } from './pipe-pool.js';
import { removeTree } from './remove-tree.js';

/** Every process of a task carries its home directory in this variable: so escaped ones are found. */
export const TASK_MARKER = 'ROTUNDA_TASK_ROOT';
const COMMAND_MARKER = 'ROTUNDA_COMMAND_ID';

export interface HostPlaces {
  home: string;
  scratch: string;
  workingDirectory: string;
  /** Directories outside home and scratch that were made for this task. */
  made: string[];
}

export class HostEnvironment implements ExecutionEnvironment {
  readonly homeMoves = true;
  /** The agent sees the directory itself: nothing needs to be told. */
  readonly bell = ':';
  readonly died = new Promise<never>(() => undefined);
  private readonly files = new DirectoryFiles();
  private readonly commands = new Set<HostCommand>();
  private entries: NewEntries | undefined;
  private ending: Promise<void> | undefined;
  private removing: Promise<void> | undefined;

  constructor(
    private readonly places: HostPlaces,
    private readonly pipes: PipePool,
    readonly baseEnvironment: Readonly<Record<string, string>>,
    readonly description: string,
  ) {}

  get home(): string {
    return this.places.home;
  }
  get workingDirectory(): string {
    return this.places.workingDirectory;
  }
  get scratch(): string {
    return this.places.scratch;
  }

  async start(spec: CommandSpec): Promise<RunningCommand> {
    if (this.ending) throw removedError();
    const pipe = await this.pipes.take(this.scratch);
    if (this.ending) {
      closePipe(pipe);
      throw removedError();
    }
    const environment = { ...this.baseEnvironment, ...spec.environment, [TASK_MARKER]: this.home };
    const marker = { name: COMMAND_MARKER, value: randomUUID() };
    let command: HostCommand | undefined;
    try {
      command = HostCommand.start(spec, environment, pipe, marker);
      this.commands.add(command);
      await command.spawned();
      return command;
    } catch (error) {
      if (command) this.commands.delete(command);
      // Node blames the program when it is the directory that is missing.
      const directory = await stat(spec.cwd).catch(() => undefined);
      if (!directory?.isDirectory()) throw new Error(`${spec.cwd}: no such directory`, { cause: error });
      throw error;
    }
  }

  stat(path: string): Promise<FileStat | undefined> {
    return this.files.stat(path);
  }
  async mkdir(path: string): Promise<void> {
    this.remember(await this.files.mkdir(path));
  }
  async writeFile(path: string, content: Buffer | string, mode?: number): Promise<void> {
    this.remember(await this.files.writeFile(path, content, mode));
  }
  readFile(path: string): Promise<Readable> {
    return this.files.readFile(path);
  }
  readFiles(directory: string, limit: number): Promise<Record<string, Buffer>> {
    return this.files.readFiles(directory, limit);
  }
  hear(directory: string, onEntry: (name: string) => void): void {
    if (!this.ending) this.entries = new NewEntries(directory, onEntry);
  }
  listFiles(path: string): Promise<string[]> {
    return this.files.listFiles(path);
  }
  glob(root: string, pattern: string): Promise<string[]> {
    return this.files.glob(root, pattern);
  }
  pack(base: string, paths: string[]): Promise<Readable> {
    return this.files.pack(base, paths);
  }
  async make(base: string, entries: readonly NewEntry[]): Promise<void> {
    this.files.make(base, entries);
  }
  async unpack(base: string, tar: Readable): Promise<void> {
    this.remember(await this.files.mkdir(base));
    await this.files.unpack(base, tar);
  }

  end(): Promise<void> {
    this.entries?.close();
    this.ending ??= this.killAll()
      .catch(() => undefined)
      .then(() => {
        for (const command of this.commands) command.close();
      });
    return this.ending;
  }

  async destroy(): Promise<void> {
    await this.end();
    this.removing ??= Promise.all([...this.places.made, this.home, this.scratch].map(removeTree)).then(
      () => undefined,
    );
    await this.removing;
  }

  /** Kills what the task started, also what left its group and its parent. */
  private async killAll(): Promise<void> {
    const [first] = this.commands;
    if (first === undefined) return;
    const running = [...this.commands].filter(({ pid }) => pid !== undefined);
    const pids = running.map(({ pid }) => pid!);
    const variable = { name: TASK_MARKER, selects: (home: string) => home === this.home };
    const gone = await killTree({ pids, groups: pids, variable, since: first.startedAt }, 0);
    if (gone) await Promise.all(running.map(({ exit }) => exit.catch(() => undefined)));
  }

  private remember(made: string | undefined): void {
    if (made !== undefined && !made.startsWith(`${this.home}/`) && !made.startsWith(`${this.scratch}/`)) {
      this.places.made.push(made);
    }
  }
}

function removedError(): Error {
  return new Error('the environment of this task was removed');
}
