// Bulk data in and out of a container through the stdout and stdin of a script in it.
import { once } from 'node:events';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { call } from './engine.js';
import { killTree } from './kill-tree.js';
import { ScriptRun, SILENCE_MS, type ScriptCall } from './script-run.js';

/** A script that is fed says nothing until its input has ended, and that may take as long as a large upload. */
const FEEDING_MS = 6 * 3_600_000;

/**
 * The stdout of a script as a stream. It fails when the script ends with a code that `isFine` does not
 * accept; when the reader gives up early, the script is killed.
 */
export async function readFrom(
  container: Docker.Container,
  script: ScriptCall,
  isFine: (code: number, stderr: string) => boolean = (code) => code === 0,
): Promise<Readable> {
  const run = await ScriptRun.open(container, script);
  async function* output(): AsyncGenerator<Buffer> {
    let ended = false;
    try {
      yield* run.stdout();
      ended = true;
      const end = await run.end();
      if (!isFine(end.code, end.stderr)) throw new Error(end.stderr || `reading ended with code ${end.code}`);
    } finally {
      if (!ended) await kill(container, run, script);
    }
  }
  return Readable.from(output(), { objectMode: false, highWaterMark: 256 * 1024 });
}

/**
 * Feeds a stream to the stdin of a script. Throws with the script's own words when it does not end with code
 * 0.
 */
export async function writeTo(
  container: Docker.Container,
  script: ScriptCall,
  input: Readable,
): Promise<void> {
  const run = await ScriptRun.open(container, script, { stdin: true });
  const said: string[] = [];
  const output = (async () => {
    for await (const data of run.stdout(FEEDING_MS)) said.push(data.toString());
  })();
  output.catch(() => undefined);
  let ended = false;
  try {
    for await (const chunk of input as AsyncIterable<Buffer>) {
      // The script may end before it has read everything: what it said is the better error then.
      if (run.stream.destroyed || run.stream.writableEnded) break;
      if (!run.stream.write(chunk)) {
        await call('write', (signal) => Promise.race([once(run.stream, 'drain', { signal }), output]), {
          timeoutMs: SILENCE_MS,
        });
      }
    }
    run.stream.end();
    await call('finish writing', () => output, { timeoutMs: SILENCE_MS });
    ended = true;
    const end = await run.end();
    if (end.code !== 0)
      throw new Error(end.stderr || said.join('').trim() || `writing ended with code ${end.code}`);
  } finally {
    run.stream.destroy();
    if (!ended) await kill(container, run, script);
  }
}

async function kill(container: Docker.Container, run: ScriptRun, { user }: ScriptCall): Promise<void> {
  await killTree({ container, runId: run.runId, user }, 0).catch(() => undefined);
}
