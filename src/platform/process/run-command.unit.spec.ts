// Running programs: results, limits, and that nothing is left running.
import { describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';

import { CommandError, runCommand, streamCommand } from './run-command.js';

const env = { PATH: process.env.PATH };
const sh = (script: string, rest: object = {}) =>
  runCommand('sh', { args: ['-c', script], env, timeoutMs: 20_000, ...rest });
const faultOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof CommandError ? error.fault : error),
  );

async function untilGone(pid: number): Promise<void> {
  for (let i = 0; i < 500; i++) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await sleep(20);
  }
  throw new Error(`process ${pid} still lives`);
}

describe('runCommand', () => {
  test('gives output, error output and exit code', async () => {
    const result = await sh('cat; echo bad >&2; exit 3', { input: 'in' });
    expect(result).toEqual({ exitCode: 3, stdout: Buffer.from('in'), stderr: 'bad\n' });
  });

  test('passes arguments and environment as they are, and nothing else', async () => {
    const args = ['-c', 'printf "%s|" "$@"; printf %s "$ROTUNDA_X$HOME"', 'sh', '$(id)', 'a b', "'", ''];
    const result = await runCommand('sh', { args, env: { ...env, ROTUNDA_X: 'x' }, timeoutMs: 20_000 });
    expect(result.stdout.toString()).toBe("$(id)|a b|'||x");
  });

  test('a program that is not there', async () => {
    expect(await faultOf(runCommand('no-such-program', { args: [], env, timeoutMs: 1000 }))).toBe(
      'not_found',
    );
    expect(await faultOf(runCommand('sh', { args: [], env, cwd: '/no/such', timeoutMs: 1000 }))).toBe(
      'not_found',
    );
  });

  test('the time limit kills the program and its children', async () => {
    const began = performance.now();
    const work = sh('trap "" TERM; sleep 300 & echo $! >&2; wait; sleep 300', { timeoutMs: 300 });
    const error = (await work.catch((thrown: unknown) => thrown)) as CommandError;
    expect(error).toBeInstanceOf(CommandError);
    expect(error.fault).toBe('timeout');
    expect(performance.now() - began).toBeLessThan(10_000);
    await untilGone(Number(error.stderr.trim()));
  });

  test('too much output ends the program; of the error output the end is kept', async () => {
    expect(await faultOf(sh('yes', { maxOutputBytes: 100_000 }))).toBe('output_limit');
    const { stderr } = await sh('head -c 200000 /dev/zero >&2; echo end >&2');
    expect(stderr.length).toBe(64 * 1024);
    expect(stderr.endsWith('end\n')).toBe(true);
  });

  test('the signal ends the program', async () => {
    const controller = new AbortController();
    const work = faultOf(sh('sleep 300', { signal: controller.signal }));
    controller.abort();
    expect(await work).toBe('aborted');
    expect(await faultOf(sh('sleep 300', { signal: AbortSignal.abort() }))).toBe('aborted');
  });

  test('input that is not read is no error', async () => {
    expect((await sh('exit 0', { input: Buffer.alloc(5_000_000) })).exitCode).toBe(0);
  });
});

describe('streamCommand', () => {
  const stream = (script: string, timeoutMs = 20_000) =>
    streamCommand('sh', { args: ['-c', script], env, timeoutMs });

  test('streams the output', async () => {
    const { stream: output, ended } = stream('head -c 3000000 /dev/zero');
    let size = 0;
    for await (const piece of output) size += (piece as Buffer).length;
    await ended;
    expect(size).toBe(3_000_000);
  });

  test('a failure after the output is an error, not an end', async () => {
    const { stream: output, ended } = stream('echo part; echo why >&2; exit 2');
    await expect(output.toArray()).rejects.toThrow('sh failed (exit code 2): why');
    await ended;
  });

  test('destroying the stream, read or not, kills the program', async () => {
    for (const read of [true, false]) {
      const { stream: output, ended } = stream('echo $$; exec sleep 300');
      if (read) {
        const [first] = (await output.take(1).toArray()) as Buffer[];
        await untilGone(Number(first!.toString().trim()));
      }
      output.destroy();
      await ended;
    }
  });

  test('the time limit is an error of the stream', async () => {
    const { stream: output, ended } = stream('echo part; sleep 300', 200);
    await expect(output.toArray()).rejects.toThrow('took longer than 200 ms');
    await ended;
  });
});
