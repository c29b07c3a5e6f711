// A program as a part of a chain of streams, so that nothing it leaves unfinished passes for whole.
import { spawn } from 'node:child_process';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface ProgramOptions {
  argv: [program: string, ...string[]];
  /** What it reads; without it, nothing. */
  input?: Readable;
  /** Exit codes after which the output is whole; 0 when not given. */
  good?: number[];
  /** Called with its exit code or the signal that ended it, when it has ended. */
  onExit?: (how: number | string) => void;
}

/** How many characters of what it complains of are kept. */
const MAX_COMPLAINT = 2000;

/**
 * The output of a program. It fails when the program ends with a code that is not good, and with the input's own error
 * when that broke: the program would take it for its end. The program is killed when the output is given up.
 */
export function throughProgram({ argv, input, good = [0], onExit }: ProgramOptions): Readable {
  const [program, ...args] = argv;
  const child = spawn(program, args, { stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    if (complaint.length < MAX_COMPLAINT) complaint += chunk.toString();
  });
  let broken: Error | undefined;
  const fed =
    input === undefined
      ? Promise.resolve()
      : feed(input, child.stdin!).catch((error: Error) => {
          broken = error;
          child.kill('SIGKILL');
        });
  const ended = new Promise<Error | undefined>((resolve) => {
    child.once('error', (error) => resolve(new Error(`cannot run ${program}: ${error.message}`)));
    child.once('close', (code, signal) => {
      onExit?.(code ?? String(signal));
      if (code !== null && good.includes(code)) resolve(undefined);
      else resolve(new Error(`${program}: ${complaint.trim() || `ended with ${code ?? signal}`}`));
    });
  });
  const output = new Transform({
    highWaterMark: 256 * 1024,
    transform: (chunk, _encoding, done) => done(null, chunk),
    flush: (done) => {
      void Promise.all([ended, fed]).then(([failure]) => done(broken ?? failure ?? null));
    },
  });
  output.once('close', () => {
    child.kill('SIGKILL');
    input?.destroy();
  });
  pipeline(child.stdout!, output).catch(() => undefined);
  return output;
}

/** A program that has read enough closes its input: whether all is well says its exit code then. */
async function feed(input: Readable, stdin: NodeJS.WritableStream): Promise<void> {
  let broken: Error | undefined;
  input.once('error', (error) => (broken = error));
  try {
    await pipeline(input, stdin);
  } catch (error) {
    if (broken !== undefined) throw broken;
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EPIPE' && code !== 'ECONNRESET') throw error;
  }
}
