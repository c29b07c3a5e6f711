// The executor port: where the steps of a task run. Adapters (host, docker, fake) pass executor.contract.ts.
import type { Readable } from 'node:stream';
import type { JobDefinition } from '../../../pipelines/config/index.js';

export interface PrepareRequest {
  taskId: string;
  jobName: string;
  definition: JobDefinition;
  /** Secret and built-in variables, for image credentials and service containers. */
  environment: Record<string, string>;
  /** Longest run of the task: what it was given may be removed by anybody long after that. */
  maxRunSeconds?: number;
  /** Text for the "Spin up environment" step; may be called often. */
  log(text: string): void;
  /** Aborted by cancel and at the end of the run time: preparation stops and cleans up after itself. */
  signal: AbortSignal;
}

export interface Executor {
  readonly name: 'host' | 'docker' | 'fake';
  /** Answers within 2 s whether this executor can work here, and if not, why. */
  available(): Promise<{ ok: true; detail: string } | { ok: false; reason: string }>;
  /**
   * Makes the environment of one task. Throws ExecutorError with a message for the user (image not found, working
   * directory cannot be made, ...); then nothing is left behind.
   */
  prepare(request: PrepareRequest): Promise<ExecutionEnvironment>;
  /** Removes what earlier, killed agents of this machine left behind for tasks not in `alive`. */
  cleanUp(alive: ReadonlySet<string>): Promise<void>;
  /** The same while tasks run, from time to time: `alive` is asked at the moment of the removal. Only where that is safe. */
  sweep?(alive: { has(taskId: string): boolean }): Promise<void>;
}

/** The environment could not be made or died. `kind` becomes the task's status. */
export class ExecutorError extends Error {
  constructor(
    message: string,
    readonly kind: 'failed' | 'infrastructure_fail' = 'infrastructure_fail',
  ) {
    super(message);
    this.name = 'ExecutorError';
  }
}

export interface CommandSpec {
  /** Program and arguments; no shell is added. */
  argv: string[];
  /** The whole environment of the process, on top of `baseEnvironment`. */
  environment: Record<string, string>;
  /** Absolute directory inside the environment. */
  cwd: string;
  /**
   * Gets stdout and stderr as they came, in order, as one stream. Back-pressure: awaited before more is read. The chunk is
   * the reader's again after that.
   */
  onOutput(chunk: Buffer): void | Promise<void>;
}

export interface RunningCommand {
  /**
   * Settles when the command's main process has ended and its output was handed over (output of processes that it
   * left running is read for at most 1 s more). `code` is 128 + signal number when a signal ended it.
   */
  readonly exit: Promise<{ code: number }>;
  /** Kills the whole process tree: SIGTERM, and SIGKILL after `graceMs` (default 5000). Resolves when it is gone. */
  kill(graceMs?: number): Promise<void>;
}

export interface FileStat {
  kind: 'file' | 'directory' | 'symlink' | 'other';
  /** Bytes. */
  size: number;
}

/** A small file, a directory or a symbolic link to make; `path` is relative to some base, `mode` e.g. 0o755. */
export type NewEntry =
  | { path: string; mode: number; content: Buffer | string }
  | { path: string; mode: number; directory: true }
  | { path: string; linkTo: string };

/** Paths are absolute inside the environment; `expandHome` turns `~` forms into such. */
export interface ExecutionEnvironment {
  /** Lines for the log: what was made, e.g. the image and its digest. */
  readonly description: string;
  /** The job user's home directory. */
  readonly home: string;
  /** The job's working directory, absolute; it exists. */
  readonly workingDirectory: string;
  /** PATH, HOME, the image's ENV, ... */
  readonly baseEnvironment: Readonly<Record<string, string>>;
  /** Where the agent may put its own files of this task; `/tmp` when not given. It exists and goes with the rest. */
  readonly scratch?: string;
  /** The home directory has another path in every task: caches then name what is in it as `~/...`. */
  readonly homeMoves?: boolean;
  /** Every call takes a process there: many files are read faster as one tar than one by one. */
  readonly distant?: boolean;
  /**
   * A POSIX shell command by which a process of a command tells of the entry `$entry` once it is where hear() listens. It
   * fails when that process is not heard.
   */
  readonly bell: string;
  start(spec: CommandSpec): Promise<RunningCommand>;
  /** Follows symbolic links; undefined when there is nothing. */
  stat(path: string): Promise<FileStat | undefined>;
  mkdir(path: string): Promise<void>;
  /** Writes one file with this mode (e.g. 0o755), making its directory. */
  writeFile(path: string, content: Buffer | string, mode?: number): Promise<void>;
  /** Makes these below `base`, which exists, in this order and with exactly these modes: one call for all. */
  make(base: string, entries: readonly NewEntry[]): Promise<void>;
  /** Content of one file. Throws when there is none. */
  readFile(path: string): Promise<Readable>;
  /** The regular files directly in a directory by name, in one call. Throws when they have more than `limit` bytes in all. */
  readFiles(directory: string, limit: number): Promise<Record<string, Buffer>>;
  /**
   * Hears of entries that processes of commands move into a directory, which exists, hidden ones aside. May be called once
   * per environment.
   */
  hear(directory: string, onEntry: (name: string) => void): void;
  /** All regular files and symlinks under a directory, as paths relative to it, sorted; or [''] for a file itself. */
  listFiles(path: string): Promise<string[]>;
  /** Paths under `root` that a Go filepath.Match pattern selects (C-273), relative to root, sorted. */
  glob(root: string, pattern: string): Promise<string[]>;
  /** A tar (not compressed) of these paths with everything under them; entry names are relative to `base`. */
  pack(base: string, paths: string[]): Promise<Readable>;
  /** Unpacks a tar (not compressed) below `base`, which is made when missing; files there are replaced. */
  unpack(base: string, tar: Readable): Promise<void>;
  /** Rejects `died` when the environment is lost (container killed, out of memory); never settles otherwise. */
  readonly died: Promise<never>;
  /** Ends everything that runs in it, and lets nothing more start. What it holds may stay until destroy(). Never throws. */
  end(): Promise<void>;
  /** Kills everything that runs in it and removes it. Never throws. */
  destroy(): Promise<void>;
}
