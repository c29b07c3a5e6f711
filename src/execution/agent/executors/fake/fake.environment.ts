// The environment of the fake executor: files are real, below a temporary directory; commands are only played.
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { posix } from 'node:path';
import { DirectoryFiles } from '../../files/directory-files.js';
import {
  ExecutorError,
  type CommandSpec,
  type ExecutionEnvironment,
  type FileStat,
  type NewEntry,
  type RunningCommand,
} from '../executor.port.js';
import { runScript } from './fake.script.js';

export const FAKE_HOME = '/home/fake';

export class FakeEnvironment implements ExecutionEnvironment {
  readonly description = 'Fake executor: commands are played, not run';
  readonly home = FAKE_HOME;
  readonly bell = ':';
  readonly died: Promise<never>;
  readonly baseEnvironment = { PATH: '/usr/bin:/bin', HOME: FAKE_HOME };
  private readonly files: DirectoryFiles;
  private readonly running = new Map<string, RunningCommand>();
  private lose!: (error: Error) => void;
  private removed = false;

  /** @param root directory of this machine that plays the root of the environment */
  constructor(
    private readonly root: string,
    readonly workingDirectory: string,
  ) {
    this.files = new DirectoryFiles((path) => join(root, path));
    this.died = new Promise<never>((_resolve, reject) => (this.lose = reject));
  }

  async start(spec: CommandSpec): Promise<RunningCommand> {
    if (this.removed) throw new Error('the environment of this task was removed');
    const script = await this.scriptOf(spec.argv);
    const killing = new AbortController();
    const id = randomUUID();
    const variables: Record<string, string> = { ...this.baseEnvironment, ...spec.environment };
    const host = {
      print: (bytes: Buffer) => spec.onOutput(bytes),
      variable: (name: string) => variables[name] ?? '',
      cwd: spec.cwd,
      writeFile: (path: string, text: string) => this.writeFile(posix.resolve(spec.cwd, path), text),
      sleep: (ms: number) => sleep(ms, undefined, { signal: killing.signal }),
      die: () => this.lose(new ExecutorError('the fake environment died')),
    };
    const played = script === undefined ? notFound(spec) : runScript(script, host);
    const exit = played
      .catch((error: unknown) => {
        if (killing.signal.aborted) return 143;
        throw error;
      })
      .then((code) => ({ code }))
      .finally(() => this.running.delete(id));
    exit.catch(() => undefined);
    const command: RunningCommand = {
      exit,
      kill: async () => {
        killing.abort();
        await exit.catch(() => undefined);
      },
    };
    this.running.set(id, command);
    return command;
  }

  stat(path: string): Promise<FileStat | undefined> {
    return this.files.stat(path);
  }
  async mkdir(path: string): Promise<void> {
    await this.files.mkdir(path);
  }
  async writeFile(path: string, content: Buffer | string, mode?: number): Promise<void> {
    await this.files.writeFile(path, content, mode);
  }
  readFile(path: string): Promise<Readable> {
    return this.files.readFile(path);
  }
  readFiles(directory: string, limit: number): Promise<Record<string, Buffer>> {
    return this.files.readFiles(directory, limit);
  }
  /** Played commands call nobody. */
  hear(): void {
    return;
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
  unpack(base: string, tar: Readable): Promise<void> {
    return this.files.unpack(base, tar);
  }

  end(): Promise<void> {
    return this.destroy();
  }

  async destroy(): Promise<void> {
    this.removed = true;
    await Promise.all([...this.running.values()].map((command) => command.kill()));
    await rm(this.root, { recursive: true, force: true }).catch(() => undefined);
  }

  /** `fake TEXT` plays the text; anything else must end with the path of a script. */
  private async scriptOf(argv: string[]): Promise<string | undefined> {
    if (argv[0] === 'fake') return argv[1] ?? '';
    const path = argv.at(-1) ?? '';
    if ((await this.stat(path))?.kind !== 'file') return undefined;
    let text = '';
    for await (const chunk of await this.readFile(path)) text += String(chunk);
    return text;
  }
}

async function notFound({ argv, onOutput }: CommandSpec): Promise<number> {
  await onOutput(Buffer.from(`${argv[0] ?? ''}: not found\n`));
  return 127;
}
