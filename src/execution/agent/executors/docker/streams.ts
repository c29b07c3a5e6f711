// Bulk data in and out of a container through the streams of a process in it.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { call } from './engine.js';
import { capture, collect, exitCodeOf, openExec, type ExecRequest } from './exec.js';
import { FrameReader } from './frames.js';
import { killTree, RUN_MARK } from './kill-tree.js';

/** Longest silence of the process before a transfer counts as dead, in milliseconds. */
const SILENCE_MS = 300_000;

/**
 * The stdout of a process as a stream. It fails when the process ends with a code that `isFine` does not accept; when the reader gives
 * up early, the process is killed.
 */
export async function readFrom(
  container: Docker.Container,
  request: ExecRequest,
  isFine: (code: number, stderr: string) => boolean = (code) => code === 0,
): Promise<Readable> {
  const runId = randomUUID();
  const environment = { ...request.environment, [RUN_MARK]: runId };
  const { exec, stream } = await openExec(container, { ...request, environment });
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
          else if (stderr.length < 10_000) stderr += frame.data.toString();
        }
      }
      ended = true;
      const code = await exitCodeOf(exec);
      if (!isFine(code, stderr)) throw new Error(stderr.trim() || `${request.argv[0]} ended with code ${code}`);
    } finally {
      stream.destroy();
      if (!ended) void killTree({ container, runId, user: request.user }, 0).catch(() => undefined);
    }
  }
  return Readable.from(output(), { objectMode: false, highWaterMark: 256 * 1024 });
}

/** Feeds a stream to the stdin of a process. Throws with the process's own words when it does not end with code 0. */
export async function writeTo(container: Docker.Container, request: ExecRequest, input: Readable): Promise<void> {
  const runId = randomUUID();
  const environment = { ...request.environment, [RUN_MARK]: runId };
  const { exec, stream } = await openExec(container, { ...request, environment, stdin: true });
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
    const code = await exitCodeOf(exec);
    if (code !== 0) throw new Error(stderr || `${request.argv[0]} ended with code ${code}`);
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
  const argv = ['/bin/sh', '-c', script, 'rotunda', ...args];
  const result = await capture(container, { argv, user }, { signal });
  if (result.code !== 0) {
    throw new Error(result.stderr || result.stdout.toString().trim() || `ended with code ${result.code}`);
  }
  return result.stdout.toString();
}
