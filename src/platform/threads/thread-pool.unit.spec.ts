// The pool with real threads. They run the built file, which `npm test` makes before the tests.
import { afterEach, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { until } from '../../../test/support/until.js';
import { NotDoneError } from './limited-thread.js';
import { ThreadPool, type ThreadPoolOptions } from './thread-pool.js';
import type { TestTask } from './thread-pool.testing.js';

type TestPool = ThreadPool<TestTask, string, string, string>;
const built = new URL('../../../dist/src/platform/threads/thread-pool.testing.js', import.meta.url);
const pools: TestPool[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

function poolOf(options: Partial<ThreadPoolOptions> = {}): TestPool {
  if (!existsSync(fileURLToPath(built)))
    throw new Error(`${built.href} is missing: run \`npm run build\` first`);
  const limits = { milliseconds: 10_000, memoryMegabytes: 64, threads: 1 };
  const pool: TestPool = new ThreadPool({ url: built, ...limits, ...options });
  pools.push(pool);
  return pool;
}

const echo = (text: string): TestTask => ({ do: 'echo', text });
const shortageOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof NotDoneError ? `${error.shortage}: ${error.message}` : error),
  );

describe('tasks', () => {
  it('are done one after another by as many threads as may be, and throw what they throw', async () => {
    const pool = poolOf({ threads: 2 });
    expect(pool.size).toBe(0);
    const all = ['a', 'b', 'c', 'd', 'e'].map((text) => pool.run(echo(text)));
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(pool.size).toBe(2);
    await expect(pool.run({ do: 'fail', message: 'it is wrong' })).rejects.toThrow('it is wrong');
    expect(await pool.run(echo('after'))).toBe('after');
    expect(pool.size).toBe(2);
  });

  it('ask the main thread, and are told when it has no answer', async () => {
    const pool = poolOf();
    const answer = async (text: string): Promise<string> => {
      if (text === 'bad') throw new Error('no such thing');
      return text.toUpperCase();
    };
    expect(await pool.run({ do: 'ask', texts: ['a', 'b'] }, { answer })).toBe('A B');
    await expect(pool.run({ do: 'ask', texts: ['a', 'bad'] }, { answer })).rejects.toThrow('no such thing');
    await expect(pool.run({ do: 'ask', texts: ['a'] })).rejects.toThrow('nobody answers questions');
    expect(await pool.run({ do: 'ask', texts: ['c'] }, { answer })).toBe('C');
  });

  it('begin when the thread of the one before was ended, whatever ended it', async () => {
    const pool = poolOf({ milliseconds: 300, memoryMegabytes: 32 });
    const stopping = new AbortController();
    const tasks = [
      pool.run({ do: 'spin' }),
      pool.run(echo('1')),
      pool.run({ do: 'exit' }),
      pool.run(echo('2')),
      pool.run({ do: 'spin' }, { signal: stopping.signal }),
      pool.run(echo('3')),
    ];
    tasks[3]!.then(
      () => stopping.abort(new Error('nobody waits any more')),
      () => undefined,
    );
    expect(await Promise.all(tasks.map(shortageOf))).toEqual([
      'time: it took longer than 0.3 s',
      'done',
      'ended: the worker ended',
      'done',
      new Error('nobody waits any more'),
      'done',
    ]);
  });
});

describe('limits', () => {
  it('on memory end the thread, not the process', async () => {
    const pool = poolOf({ memoryMegabytes: 16, milliseconds: 60_000 });
    expect(await shortageOf(pool.run({ do: 'fill' }))).toBe('memory: it needs more than 16 MB of memory');
    expect(await pool.run(echo('after'))).toBe('after');
  });

  it('on time leave out the time of answers', async () => {
    const pool = poolOf({ milliseconds: 400 });
    await pool.run(echo('loaded'));
    const answer = (text: string): Promise<string> =>
      new Promise((resolve) => setTimeout(() => resolve(text), 900));
    expect(await pool.run({ do: 'ask', texts: ['slow', 'slower'] }, { answer })).toBe('slow slower');
  });

  it('on waiting refuse the next task', async () => {
    const pool = poolOf({ waiting: 1 });
    const running = [pool.run(echo('1')), pool.run(echo('2'))];
    expect(await shortageOf(pool.run(echo('3')))).toBe('waiting: more than 1 are waiting; try again later');
    expect(await Promise.all(running)).toEqual(['1', '2']);
  });

  it('a task that was aborted while it waited is not begun', async () => {
    const pool = poolOf();
    const stopping = new AbortController();
    const running = pool.run(echo('1'));
    const waiting = pool.run({ do: 'spin' }, { signal: stopping.signal });
    stopping.abort(new Error('too late'));
    expect(await running).toBe('1');
    await expect(waiting).rejects.toThrow('too late');
    expect(await pool.run(echo('2'))).toBe('2');
    expect(pool.size).toBe(1);
  });
});

describe('threads', () => {
  it('end when they are idle, and start ahead when they are asked to', async () => {
    const pool = poolOf({ idleMilliseconds: 20 });
    pool.warm();
    expect(pool.size).toBe(1);
    await until('the thread to end', 10_000, () => pool.size === 0 || undefined);
    expect(await pool.run(echo('again'))).toBe('again');
  });

  it('that cannot be loaded fail the task with the reason', async () => {
    const pool = poolOf({ url: new URL('./no-such-file.js', built) });
    expect(await shortageOf(pool.run(echo('x')))).toMatch(/^ended: Cannot find module/);
  });

  it('end with the pool, which does nothing any more', async () => {
    const pool = poolOf();
    const tasks = [pool.run({ do: 'spin' }), pool.run(echo('x'))].map(shortageOf);
    await pool.close();
    expect(await Promise.all(tasks)).toEqual(['closed: the pool was closed', 'closed: the pool was closed']);
    expect(await shortageOf(pool.run(echo('x')))).toBe('closed: the pool is closed');
    expect(pool.size).toBe(0);
  });
});
