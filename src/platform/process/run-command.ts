// Runs a program without a shell, with a time limit and an output limit, and leaves none of its processes behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { type Readable, Transform } from 'node:stream';

export interface CommandOptions {
  /** The arguments, as the program gets them: nothing is expanded or split. */
  args: readonly string[];
  cwd?: string;
  /** The whole environment; the one of this process is not passed on. */
  env: NodeJS.ProcessEnv;
  /** Written to the standard input, which is then closed; without it the input is empty. */
  input?: string | Buffer;
  /** Milliseconds until the program and its children are killed. */
  timeoutMs: number;
  /** Most bytes of standard output; default 16 MiB. Of the error output the last 64 KiB are kept. */
  maxOutputBytes?: number;
  /** Kills the program when it fires. */
  signal?: AbortSignal;
}

export interface CommandResult {
  /** undefined when a signal ended the program. */
  exitCode: number | undefined;
  stdout: Buffer;
  stderr: string;
}

export type CommandFault = 'not_found' | 'not_started' | 'timeout' | 'output_limit' | 'aborted';

/** The program did not come to its own end. The message has no arguments: they may be secret. */
export class CommandError extends Error {
  constructor(
    readonly fault: CommandFault,
    message: string,
    /** Error output up to then, its last 64 KiB. */
    readonly stderr = '',
  ) {
    super(message);
    this.name = 'CommandError';
  }
}

const DEFAULT_OUTPUT_BYTES = 16 * 1024 * 1024;
const STDERR_BYTES = 64 * 1024;
/** From the polite signal, on which git removes its lock files, to the one that cannot be caught. */
const GRACE_MS = 2_000;
/** From the program's end to that of its output, which a process that left the group may hold open. */
const DRAIN_MS = 1_000;

/**
 * Runs a program to its end and collects its output. Any exit code is a result.
 * @throws CommandError when it cannot be started, or is ended for its time, its output or the signal
 */
export async function runCommand(command: string, options: CommandOptions): Promise<CommandResult> {
  const running = start(command, options);
  const pieces: Buffer[] = [];
  const limit = options.maxOutputBytes ?? DEFAULT_OUTPUT_BYTES;
  let size = 0;
  // The reason comes with `done`.
  running.stdout.on('error', () => undefined);
  running.stdout.on('data', (piece: Buffer) => {
    size += piece.length;
    if (size > limit) running.stop('output_limit', `${command} wrote more than ${limit} bytes.`);
    else pieces.push(piece);
  });
  const { exitCode, stderr } = await running.done;
  return { exitCode, stdout: Buffer.concat(pieces), stderr };
}

export interface StreamedCommand {
  /** The standard output. It ends with an error when the program fails; destroying it kills the program. */
  stream: Readable;
  /** Settles when no process of the program is left. Never rejects. */
  ended: Promise<void>;
}

/** Starts a program whose output is read as a stream. An exit code other than 0 is an error of the stream. */
export function streamCommand(
  command: string,
  options: Omit<CommandOptions, 'maxOutputBytes'>,
): StreamedCommand {
  const running = start(command, options);
  const stream = new Transform({
    transform: (piece: Buffer, _encoding, done) => done(null, piece),
    // The end is held back until the exit code is known: a cut stream must not look like a whole one.
    flush: (done) =>
      void running.done.then(({ exitCode, stderr }) => {
        if (exitCode === 0) done();
        else done(new Error(`${command} failed (exit code ${exitCode ?? 'none'}): ${stderr.trim()}`));
      }, done),
    destroy: (error, done) => {
      running.stop('aborted', `${command} was stopped: its output is not read any more.`);
      done(error);
    },
  });
  running.stdout.on('error', (error) => stream.destroy(error));
  running.stdout.pipe(stream);
  const ended = running.done.then(
    () => undefined,
    (error: Error) => void stream.destroy(error),
  );
  return { stream, ended };
}

interface Running {
  stdout: Readable;
  /** Error output and exit code once all is over, or the reason of the stop. */
  done: Promise<{ exitCode: number | undefined; stderr: string }>;
  /** Kills the process group; nothing when it has ended. */
  stop(fault: CommandFault, message: string): void;
}

function start(command: string, options: CommandOptions): Running {
  const { args, cwd, env, input, timeoutMs, signal } = options;
  // A group of its own, so that the helpers of the program are killed with it.
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  let stderr: Buffer = Buffer.alloc(0);
  child.stderr.on('data', (piece: Buffer) => {
    stderr = Buffer.concat([stderr, piece]).subarray(-STDERR_BYTES);
  });
  // A program that does not read its input is not in error.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);

  const timers: NodeJS.Timeout[] = [];
  let reason: { fault: CommandFault; message: string } | undefined;
  let over = false;
  const closePipes = (): void => {
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const stop = (fault: CommandFault, message: string): void => {
    if (over || reason !== undefined) return;
    reason = { fault, message };
    killGroup(child, 'SIGTERM');
    timers.push(setTimeout(() => killGroup(child, 'SIGKILL'), GRACE_MS));
    // Nobody reads it any more; unread, it would keep the program from ending.
    child.stdout.destroy(new CommandError(fault, message));
  };
  const abort = (): void => stop('aborted', `${command} was stopped.`);
  timers.push(setTimeout(() => stop('timeout', `${command} took longer than ${timeoutMs} ms.`), timeoutMs));
  child.once('exit', () => {
    if (reason !== undefined) killGroup(child, 'SIGKILL');
    // Without a reader the output does not end by itself; with one it is given time.
    timers.push(setTimeout(closePipes, reason === undefined ? Math.max(DRAIN_MS, timeoutMs) : DRAIN_MS));
  });
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });

  const done = new Promise<{ exitCode: number | undefined; stderr: string }>((resolve, reject) => {
    const finish = (): void => {
      over = true;
      for (const timer of timers) clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      finish();
      closePipes();
      const missing = error.code === 'ENOENT' && (error.syscall ?? '').startsWith('spawn');
      reject(
        new CommandError(
          missing ? 'not_found' : 'not_started',
          `${command} cannot be started: ${error.code}.`,
        ),
      );
    });
    child.once('close', (code) => {
      finish();
      const text = stderr.toString();
      if (reason !== undefined) reject(new CommandError(reason.fault, reason.message, text));
      else resolve({ exitCode: code ?? undefined, stderr: text });
    });
  });
  // Whoever asks later gets the rejection; until then it is not an unhandled one.
  done.catch(() => undefined);
  return { stdout: child.stdout, done, stop };
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group has ended.
  }
}
