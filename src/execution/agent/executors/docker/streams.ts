// Bulk data in and out of a container through the streams of a process in it.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { call } from './engine.js';
import { capture, collect, endOfScript, openExec, scriptArgv } from './exec.js';
import { FrameReader } from './frames.js';
import { killTree, RUN_MARK } from './kill-tree.js';

/** Longest silence of the process before a transfer counts as dead, in milliseconds. */
const SILENCE_MS = 300_000;

/** A script of scripts.ts, its arguments, and who runs it (undefined: the container's own user). */
export interface ScriptCall {
  script: string;
  args: string[];
  user: string | undefined;
}

/**
 * The stdout of a process as a stream. It fails when the process ends with a code that `isFine` does not accept; when the reader gives
 * up early, the process is killed.
 */
export async function readFrom(
  container: Docker.Container,
  request: ScriptCall,
  isFine: (code: number, stderr: string) => boolean = (code) => code === 0,
): Promise<Readable> {
  const runId = randomUUID();
  const { exec, stream } = await openExec(container, {
    argv: scriptArgv(request.script, request.args),
    user: request.user,
    environment: { [RUN_MARK]: runId },
  });
  async function* output(): AsyncGenerator<Buffer> {
    const frames = new FrameReader();
    const chunks = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    let stderr = '';
    let ended = false;
    try {
      for (;;) {
        const next = await call('read', () => chunks.next(), { timeoutMs: SILENCE_MS });
        if (next.done) break;
        for (const frame of frames.read(next.value)) {
          if (frame.stream !== 2) yield frame.data;
          else stderr = (stderr + frame.data.toString()).slice(-10_000);
        }
      }
      ended = true;
      const end = await endOfScript(exec, stderr);
      if (!isFine(end.code, end.stderr)) throw new Error(end.stderr || `reading ended with code ${end.code}`);
    } finally {
      stream.destroy();
      if (!ended) void killTree({ container, runId, user: request.user }, 0).catch(() => undefined);
    }
  }
  return Readable.from(output(), { objectMode: false, highWaterMark: 256 * 1024 });
}

/** Feeds a stream to the stdin of a process. Throws with the process's own words when it does not end with code 0. */
export async function writeTo(container: Docker.Container, request: ScriptCall, input: Readable): Promise<void> {
  const runId = randomUUID();
  const { exec, stream } = await openExec(container, {
    argv: scriptArgv(request.script, request.args),
    user: request.user,
    environment: { [RUN_MARK]: runId },
    stdin: true,
  });
  const output = collect(stream);
  output.catch(() => undefined);
  let done = false;
  try {
    for await (const chunk of input as AsyncIterable<Buffer>) {
      // The process may end before it has read everything: what it said is the better error then.
      if (stream.writableEnded || stream.destroyed) break;
      if (!stream.write(chunk)) {
        await call('write', (signal) => Promise.race([once(stream, 'drain', { signal }), output]), {
          timeoutMs: SILENCE_MS,
        });
      }
    }
    stream.end();
    const [, stderr] = await call('finish writing', () => output, { timeoutMs: SILENCE_MS });
    done = true;
    const end = await endOfScript(exec, stderr);
    if (end.code !== 0) throw new Error(end.stderr || `writing ended with code ${end.code}`);
  } finally {
    stream.destroy();
    if (!done) await killTree({ container, runId, user: request.user }, 0).catch(() => undefined);
  }
}

/** Runs a script of scripts.ts as `user` and gives its stdout. Throws with its stderr when it ends with another code than 0. */
export async function runScript(
  container: Docker.Container,
  user: string | undefined,
  script: string,
  args: string[],
  signal?: AbortSignal,
): Promise<string> {
  const result = await capture(container, script, args, { user }, { signal });
  if (result.code !== 0) {
    throw new Error(result.stderr || result.stdout.toString().trim() || `ended with code ${result.code}`);
  }
  return result.stdout.toString();
}
