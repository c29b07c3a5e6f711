// Runs a shell script in a container and knows at once when it has ended and all of its output has come.
import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import { call, type CallOptions } from './engine.js';
import { exitCodeOf, openExec } from './exec.js';
import { FrameReader, type Frame } from './frames.js';

/** Every process of a command or script carries this variable, however far it has moved from its parent. */
export const RUN_MARK = 'ROTUNDA_RUN';

/** Longest silence of a script before it counts as dead, in milliseconds. */
export const SILENCE_MS = 300_000;
const MAX_STDERR = 10_000;
const MAX_CAPTURE = 256 * 1024 * 1024;

/** A script of scripts.ts, its arguments, and who runs it (undefined: the container's own user). */
export interface ScriptCall {
  script: string;
  args: string[];
  user: string | undefined;
}

export interface ScriptEnd {
  code: number;
  stderr: string;
}

/**
 * The script marks the end of both of its streams. The engine's own end may come three seconds late, namely
 * when an earlier command has left processes behind that hold its output; every file operation after that
 * would wait for it.
 */
export class ScriptRun {
  private readonly frames = new FrameReader();
  private readonly mark: Buffer;
  private tail: Buffer = Buffer.alloc(0);
  private stderr = '';

  private constructor(
    readonly runId: string,
    readonly stream: Duplex,
    private readonly exec: Docker.Exec,
  ) {
    this.mark = Buffer.from(runId);
  }

  static async open(
    container: Docker.Container,
    { script, args, user }: ScriptCall,
    options: CallOptions & { stdin?: boolean; environment?: Record<string, string> } = {},
  ): Promise<ScriptRun> {
    const runId = randomUUID();
    const text = `(${script}\n)\ncode=$?; printf '%s' ${runId}; echo "X $code ${runId}" >&2`;
    const { exec, stream } = await openExec(
      container,
      {
        argv: ['/bin/sh', '-c', text, 'rotunda', ...args],
        environment: { ...options.environment, [RUN_MARK]: runId },
        user,
        stdin: options.stdin,
      },
      { signal: options.signal },
    );
    return new ScriptRun(runId, stream, exec);
  }

  /**
   * The script's stdout, to its end; silence of more than `silenceMs` is an error. The stream is closed
   * afterwards, also when the reader gives up.
   */
  async *stdout(silenceMs = SILENCE_MS): AsyncGenerator<Buffer> {
    const chunks = (this.stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    try {
      while (!this.ended()) {
        const next = await call('read', () => chunks.next(), { timeoutMs: silenceMs });
        if (next.done) break;
        for (const frame of this.frames.read(next.value)) {
          const data = this.add(frame);
          if (data.length > 0) yield data;
        }
      }
      if (!this.ended()) yield this.tail;
    } finally {
      this.stream.destroy();
    }
  }

  /** Code and stderr; to be asked after stdout() has ended. */
  async end(): Promise<ScriptEnd> {
    const told = this.told();
    if (told) return { code: Number(told[1]), stderr: this.stderr.slice(0, told.index).trim() };
    return { code: await exitCodeOf(this.exec), stderr: this.stderr.trim() };
  }

  private ended(): boolean {
    return this.tail.equals(this.mark) && this.told() !== null;
  }

  private told(): RegExpExecArray | null {
    return new RegExp(`X (\\d+) ${this.runId}\n$`).exec(this.stderr);
  }

  /** Keeps as many bytes back as the mark has, and gives what certainly is output. */
  private add({ stream, data }: Frame): Buffer {
    if (stream === 2) {
      this.stderr = (this.stderr + data.toString()).slice(-MAX_STDERR);
      return Buffer.alloc(0);
    }
    const all = Buffer.concat([this.tail, data]);
    const end = Math.max(0, all.length - this.mark.length);
    this.tail = all.subarray(end);
    return all.subarray(0, end);
  }
}

/** Runs a short script to its end and keeps its output (at most 256 MB). `timeoutMs` is 60,000 by default. */
export async function capture(
  container: Docker.Container,
  script: ScriptCall,
  options: CallOptions & { environment?: Record<string, string> } = {},
): Promise<ScriptEnd & { stdout: string }> {
  const timeoutMs = options.timeoutMs ?? 60_000;
  const run = await ScriptRun.open(container, script, options);
  const parts: Buffer[] = [];
  const collect = async (): Promise<void> => {
    let size = 0;
    for await (const data of run.stdout()) {
      size += data.length;
      if (size > MAX_CAPTURE) throw new Error('the listing is larger than 256 MB');
      parts.push(data);
    }
  };
  try {
    await call('run in the container', collect, { ...options, timeoutMs });
    return { stdout: Buffer.concat(parts).toString(), ...(await run.end()) };
  } finally {
    run.stream.destroy();
  }
}

/** Runs a script and gives its stdout. Throws with the script's own words when it does not end with code 0. */
export async function runScript(
  container: Docker.Container,
  script: ScriptCall,
  signal?: AbortSignal,
): Promise<string> {
  const result = await capture(container, script, { signal });
  if (result.code === 0) return result.stdout;
  throw new Error(result.stderr || result.stdout.trim() || `ended with code ${result.code}`);
}
