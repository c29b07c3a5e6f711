// One command of a job inside the primary container: output as it came, exit code, death of the whole tree.
import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import type { CommandSpec, RunningCommand } from '../executor.port.js';
import type { JobUser } from './files.js';
import { exitCodeOf, openExec } from './exec.js';
import { FrameReader } from './frames.js';
import { killTree } from './kill-tree.js';
import { RUN_MARK } from './script-run.js';

/**
 * The shell text by which a process of a command says that the entry `$entry` is there. It needs no program of the image, but
 * the rights of the command's user.
 */
export const BELL = `printf 'E %s\\n' "$entry" >>"$ROTUNDA_BELL"`;

/**
 * The command's stdout and stderr share the engine's stdout stream, so their order is exact. The other stream
 * carries the wrapper's own words: `S` started, `D` no such directory, `X <code>` the end of the main
 * process. The end must be told this way, because the engine reports it only after the last process that
 * holds the output has ended too. The trap keeps the wrapper alive to tell the code while the tree is being
 * ended; children get the default action back.
 *
 * A process that rings the bell adds `E <name>`: it opens the stream anew by way of /proc. A file descriptor handed down
 * would be lost in programs that close those they do not know. The subshell keeps the wrapper's own open meanwhile: some
 * shells redirect before they fork.
 */
const WRAPPER = `exec 3>&2 2>/dev/null
cd "$1" || { echo D >&3; exit 1; }
unset OLDPWD; shift; echo S >&3
export ROTUNDA_BELL="/proc/$$/fd/3"
trap : TERM INT HUP
("$@" 2>&1 3>&-)
code=$?
echo "X $code" >&3
exit "$code"`;

/** How long output of left-over processes is read after the end of the main one, in milliseconds. */
const LINGER_MS = 1000;
/**
 * What a process may have written before its end and the engine still holds; more than this is somebody
 * else's.
 */
const LINGER_BYTES = 8 * 1024 * 1024;

/**
 * Starts a command as `user`. Throws when its directory does not exist, the user is unknown or the container
 * does not run. A program that does not exist is not an error here: it ends with code 127 and the shell's
 * words, as in a shell.
 * @param onEntry hears of the bell
 */
export async function startCommand(
  container: Docker.Container,
  user: JobUser,
  spec: CommandSpec,
  onEntry: (name: string) => void = () => undefined,
): Promise<RunningCommand> {
  const runId = randomUUID();
  const { exec, stream } = await openExec(container, {
    argv: ['/bin/sh', '-c', WRAPPER, 'rotunda', spec.cwd, ...spec.argv],
    environment: { ...spec.environment, [RUN_MARK]: runId },
    user: user.name,
  });
  return new Promise<RunningCommand>((resolve, reject) => {
    const exit = follow(stream, exec, { ...spec, onEntry }, () =>
      resolve({
        exit,
        kill: (graceMs = 5000) =>
          killTree({ container, runId, user: user.uid === 0 ? '0' : user.name }, graceMs),
      }),
    );
    // After the start this does nothing: resolve() has won. It also marks a later failure of `exit` as handled.
    exit.catch(reject);
  });
}

/** Hands the output on until the command has ended. Throws when it was never started. */
async function follow(
  stream: Duplex,
  exec: Docker.Exec,
  spec: CommandSpec & { onEntry(name: string): void },
  onStarted: () => void,
): Promise<{ code: number }> {
  const frames = new FrameReader();
  const chunks = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const control = new ControlWords();
  // The streams are copied independently, so output can overtake the start word; or it is the engine's own error text.
  let held: Buffer[] | undefined = [];
  let waited = 0;
  let lingered = 0;
  try {
    while (control.code === undefined || (waited < LINGER_MS && lingered < LINGER_BYTES)) {
      const from = performance.now();
      const next = await (control.code === undefined
        ? chunks.next()
        : within(chunks.next(), LINGER_MS - waited));
      if (next === undefined || next.done) break;
      if (control.code !== undefined) {
        waited += performance.now() - from;
        lingered += next.value.length;
      }
      for (const { stream: number, data } of frames.read(next.value)) {
        if (number === 2) for (const name of control.add(data.toString())) spec.onEntry(name);
        else if (held) held.push(data);
        else await spec.onOutput(data);
      }
      if (control.noDirectory)
        throw new Error(`the directory ${spec.cwd} does not exist or cannot be entered`);
      if (held && control.started) {
        onStarted();
        const early: Buffer[] = held;
        held = undefined;
        for (const data of early) await spec.onOutput(data);
      }
    }
  } finally {
    stream.destroy();
  }
  if (held) throw new Error(`the command could not be started: ${Buffer.concat(held).toString().trim()}`);
  return { code: control.code ?? (await exitCodeOf(exec)) };
}

/** What the wrapper says. */
class ControlWords {
  private text = '';
  started = false;
  noDirectory = false;
  code: number | undefined;

  /** @returns the entries that were told of */
  add(text: string): string[] {
    this.text += text;
    const lines = this.text.split('\n');
    this.text = lines.pop() ?? '';
    const entries: string[] = [];
    for (const line of lines) {
      if (line === 'S') this.started = true;
      else if (line === 'D') this.noDirectory = true;
      else if (line.startsWith('X ')) this.code = Number(line.slice(2));
      else if (line.startsWith('E ')) entries.push(line.slice(2));
    }
    return entries;
  }
}

/** The promise's value, or undefined when it takes longer than `ms`. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(0, ms));
  });
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
