// The environment of one task on this machine: a home directory of its own and the processes started in it.
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { killTree } from '../../../../platform/process/index.js';
import { DirectoryFiles } from '../../files/directory-files.js';
import type { CommandSpec, ExecutionEnvironment, FileStat, RunningCommand } from '../executor.port.js';
import { FifoPool } from './fifo-pool.js';
import { HostCommand } from './host.command.js';

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
  readonly died = new Promise<never>(() => undefined);
  private readonly files = new DirectoryFiles();
  private readonly commands = new Set<HostCommand>();
  private destroying: Promise<void> | undefined;

  constructor(
    private readonly places: HostPlaces,
    private readonly fifos: FifoPool,
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
    if (this.destroying) throw new Error('the environment of this task was removed');
    const pipe = await this.fifos.open();
    const environment = { ...this.baseEnvironment, ...spec.environment, [TASK_MARKER]: this.home };
    try {
      const command = await HostCommand.start(spec, environment, pipe, `${COMMAND_MARKER}=${randomUUID()}`);
      this.commands.add(command);
      return command;
    } catch (error) {
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
  listFiles(path: string): Promise<string[]> {
    return this.files.listFiles(path);
  }
  glob(root: string, pattern: string): Promise<string[]> {
    return this.files.glob(root, pattern);
  }
  pack(base: string, paths: string[]): Promise<Readable> {
    return this.files.pack(base, paths);
  }
  async unpack(base: string, tar: Readable): Promise<void> {
    this.remember(await this.files.mkdir(base));
    await this.files.unpack(base, tar);
  }

  destroy(): Promise<void> {
    this.destroying ??= this.remove();
    return this.destroying;
  }

  private async remove(): Promise<void> {
    await killTask((home) => home === this.home).catch(() => undefined);
    for (const command of this.commands) {
      await command.kill(0).catch(() => undefined);
      command.close();
    }
    for (const path of [...this.places.made, this.home, this.places.scratch]) await removeTree(path);
  }

  private remember(made: string | undefined): void {
    if (made !== undefined && !made.startsWith(`${this.home}/`) && !made.startsWith(`${this.scratch}/`)) {
      this.places.made.push(made);
    }
  }
}

/** Kills every process of the tasks whose home directory is selected. */
export async function killTask(selects: (home: string) => boolean): Promise<void> {
  const prefix = `${TASK_MARKER}=`;
  const environment = (entry: string) => entry.startsWith(prefix) && selects(entry.slice(prefix.length));
  await killTree({ environment }, 0);
}

/** Removes a directory with all in it, read-only directories (a Go module cache) included. Never throws. */
export async function removeTree(path: string): Promise<void> {
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 });
  try {
    await remove();
  } catch {
    spawnSync('chmod', ['-R', 'u+rwx', path], { stdio: 'ignore', timeout: 60_000 });
    await remove().catch(() => undefined);
  }
}
