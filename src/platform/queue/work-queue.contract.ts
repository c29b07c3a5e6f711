// What every store of the work queue must do (DESIGN D10). Run by bull-work-queue.postgres.int.spec.ts and ...redis...
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { BullWorkQueue } from './bull-work-queue.js';
import type { WorkHandler } from './work-queue.port.js';
import {
  Gate,
  RecordingHandler,
  WaitingTable,
  recordedLogger,
  spawnDoomedWorker,
  until,
  type Note,
  type TestBackend,
} from './work-queue.testing.js';

const PRIVATE = 'only-for-the-handler';

export function workQueueContract(makeBackend: () => Promise<TestBackend>): void {
  let backend: TestBackend;
  let table: WaitingTable;
  const log = recordedLogger();
  const queues: BullWorkQueue[] = [];

  beforeAll(async () => {
    backend = await makeBackend();
    table = await WaitingTable.make(backend.databaseUrl);
  });
  afterEach(async () => {
    await Promise.all(queues.splice(0).map((queue) => queue.stop(0)));
  });
  afterAll(async () => {
    await table?.close();
    await backend?.dispose();
  });

  /** Each test has queues of its own names; a queue without handlers only adds. */
  async function startQueue(
    handlers: WorkHandler<Note>[],
    reconcileEveryMs?: number,
  ): Promise<BullWorkQueue> {
    const { databaseUrl, redisUrl } = backend;
    const queue = new BullWorkQueue({ databaseUrl, redisUrl, logger: log.logger, reconcileEveryMs });
    for (const handler of handlers) queue.register(handler);
    queues.push(queue);
    await queue.start();
    return queue;
  }

  describe('delivery', () => {
    it('performs what another process added, with the payload as it was, whatever the key looks like', async () => {
      const handler = new RecordingHandler('plain');
      await startQueue([handler]);
      const adder = await startQueue([]);
      const notes = ['a\0b', 'lone \ud800 half', 'ünï "cödé" \\ 🚀', ''];
      const keys = ['42', 'a:b/c d', 'k'.repeat(3_000), '🔑'];
      for (const [i, note] of notes.entries())
        await adder.add('plain', { key: keys[i] ?? '', payload: { note } });
      await until('all performed', () => handler.done.length === notes.length);
      expect([...handler.done].sort()).toEqual([...notes].sort());
    });

    it('is one piece of work for one key while it waits and while it runs, and can be added again afterwards', async () => {
      const gate = new Gate();
      const handler = new RecordingHandler('keyed', (_payload, signal) => gate.pass(signal));
      handler.concurrency = 1;
      const queue = await startQueue([handler]);
      await queue.add('keyed', { key: 'first', payload: { note: 'first' } });
      await until('the first runs', () => handler.running === 1);
      await queue.add('keyed', { key: 'first', payload: { note: 'first, while it runs' } });
      await queue.add('keyed', { key: 'second', payload: { note: 'second' } });
      await queue.add('keyed', { key: 'second', payload: { note: 'second, while it waits' } });
      await queue.add('keyed', { key: 'last', payload: { note: 'last' } });
      gate.open();
      await until('the last is done', () => handler.done.includes('last'));
      expect(handler.started.map((s) => s.note)).toEqual(['first', 'second', 'last']);

      // Its completion may be a moment behind its performance.
      await until('the first again', async () => {
        await queue.add('keyed', { key: 'first', payload: { note: 'first again' } });
        return handler.done.includes('first again');
      });
    });

    it('runs no more at once than the handler allows', async () => {
      const gate = new Gate();
      const handler = new RecordingHandler('bounded', (_payload, signal) => gate.pass(signal));
      handler.concurrency = 3;
      const queue = await startQueue([handler]);
      for (let i = 0; i < 10; i++) await queue.add('bounded', { key: `b${i}`, payload: { note: `${i}` } });
      await until('three run', () => handler.running === 3);
      gate.open();
      await until('all are done', () => handler.done.length === 10);
      expect(handler.mostRunning).toBe(3);
    });
  });

  describe('failure', () => {
    it('tries again after 200, then 400 ms, and says when the tries are used up', async () => {
      let failures = 0;
      const handler = new RecordingHandler('failing', () =>
        Promise.reject(new Error(`failure\0 ${++failures}`)),
      );
      handler.attempts = 3;
      const queue = await startQueue([handler]);
      await queue.add('failing', { key: 'f', payload: { note: PRIVATE } });
      await until('exhausted', () => handler.exhaustedWith.length === 1);
      expect(handler.exhaustedWith).toEqual([{ note: PRIVATE, message: 'failure\0 3' }]);
      const times = handler.started.map((s) => s.at);
      expect(times).toHaveLength(3);
      expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(195);
      expect(times[2]! - times[1]!).toBeGreaterThanOrEqual(395);
      // It is gone, so the key is free.
      await until('tried anew', async () => {
        await queue.add('failing', { key: 'f', payload: { note: PRIVATE } });
        return handler.started.length > 3;
      });
    });

    it('calls `exhausted` until it succeeds, each time with the error of the work, and does not try the work again', async () => {
      const handler = new RecordingHandler('unlucky', () => Promise.reject(new Error('the work failed')));
      handler.attempts = 1;
      let calls = 0;
      handler.onExhausted = () =>
        ++calls < 3 ? Promise.reject(new Error('no database')) : Promise.resolve();
      const queue = await startQueue([handler]);
      await queue.add('unlucky', { key: 'u', payload: { note: PRIVATE } });
      await until('recorded at last', () => calls === 3);
      expect(handler.exhaustedWith.map((e) => e.message)).toEqual(Array(3).fill('the work failed'));
      expect(handler.started).toHaveLength(1);
    });

    it('aborts a try that takes too long, and counts it as failed', async () => {
      const signals: AbortSignal[] = [];
      const handler = new RecordingHandler('slow', (_payload, signal) => {
        signals.push(signal);
        return signals.length === 1 ? new Promise(() => undefined) : Promise.resolve();
      });
      handler.timeoutMs = 100;
      const queue = await startQueue([handler]);
      await queue.add('slow', { key: 's', payload: { note: 's' } });
      await until('the second try is done', () => handler.done.length === 1);
      expect(signals.map((s) => s.aborted)).toEqual([true, false]);
    });

    it('gives running work back when it stops, and that is not a try', async () => {
      const interrupted = new RecordingHandler('handed-over', (_payload, signal) => new Gate().pass(signal));
      interrupted.attempts = 1;
      const first = await startQueue([interrupted]);
      await first.add('handed-over', { key: 'h', payload: { note: 'h' } });
      await until('it runs', () => interrupted.running === 1);
      await first.stop(20);
      const second = new RecordingHandler('handed-over');
      second.attempts = 1;
      await startQueue([second]);
      await until('performed by the second', () => second.done.length === 1);
      expect([...interrupted.exhaustedWith, ...second.exhaustedWith]).toEqual([]);
    });

    it('waits for running work when it stops', async () => {
      const gate = new Gate();
      const handler = new RecordingHandler('finishing', (_payload, signal) => gate.pass(signal));
      const queue = await startQueue([handler]);
      await queue.add('finishing', { key: 'f', payload: { note: 'f' } });
      await until('it runs', () => handler.running === 1);
      const stopped = queue.stop(10_000);
      gate.open();
      await stopped;
      expect(handler.done).toEqual(['f']);
    });

    it('lets another process take over from one killed by kill -9, in less than 10 s', async () => {
      const adder = await startQueue([]);
      const doomed = spawnDoomedWorker(backend);
      try {
        await adder.add('doomed', { key: 'd', payload: { note: 'd' } });
        await until(
          'the doomed process has begun',
          () => {
            if (doomed.process.exitCode !== null) throw new Error(`It ended early: ${doomed.output()}`);
            return doomed.output().includes('started d');
          },
          20_000,
        );
      } finally {
        doomed.process.kill('SIGKILL');
      }
      const killedAt = performance.now();
      const handler = new RecordingHandler('doomed');
      await startQueue([handler]);
      await until('taken over', () => handler.done.length === 1);
      expect(performance.now() - killedAt).toBeLessThan(10_000);
      expect(handler.done).toEqual(['d']);
    });
  });

  describe('reconciling', () => {
    const read =
      (queue: string) =>
      (after: string | undefined, limit: number): ReturnType<WaitingTable['page']> =>
        table.page(queue, after, limit);

    it('adds at start what waits and is not queued, over many pages', async () => {
      const keys = Array.from({ length: 1_203 }, (_, i) => `key:${i}`);
      await table.put('paged', keys);
      const handler = new RecordingHandler('paged', ({ note }) => table.performed('paged', note));
      handler.concurrency = 8;
      handler.waits = read('paged');
      await startQueue([handler]);
      await until('all performed', () => handler.done.length >= keys.length, 40_000);
      expect([...handler.done].sort()).toEqual([...keys].sort());
    });

    it('asks again after an error of the read model, and goes on with the other queues meanwhile', async () => {
      await table.put('reread', ['r']);
      await table.put('other', ['o']);
      let asked = 0;
      const handler = new RecordingHandler('reread', ({ note }) => table.performed('reread', note));
      handler.waits = (after, limit) =>
        ++asked === 1
          ? Promise.reject(new Error('read model is being rebuilt'))
          : table.page('reread', after, limit);
      const other = new RecordingHandler('other', ({ note }) => table.performed('other', note));
      other.waits = read('other');
      await startQueue([handler, other], 100);
      await until('both performed', () => handler.done.length === 1 && other.done.length === 1);
      expect(log.text()).toContain('read model is being rebuilt');
    });

    it('adds at once when nudged', async () => {
      const handler = new RecordingHandler('nudged', ({ note }) => table.performed('nudged', note));
      handler.waits = read('nudged');
      const queue = await startQueue([handler]);
      await queue.reconcileNow();
      await table.put('nudged', ['n']);
      await queue.reconcileNow();
      await until('performed', () => handler.done.length === 1, 5_000);
    });

    it('does not deliver a second time what still runs here, when the store forgot it', async () => {
      const gate = new Gate();
      await table.put('forgotten', ['once']);
      const handler = new RecordingHandler('forgotten', async ({ note }, signal) => {
        await gate.pass(signal);
        await table.performed('forgotten', note);
      });
      handler.concurrency = 3;
      handler.waits = read('forgotten');
      const queue = await startQueue([handler], 50);
      await until('it runs', () => handler.running === 1);
      await backend.wipe();
      await queue.reconcileNow();
      await queue.add('forgotten', { key: 'after', payload: { note: 'after' } });
      // In order: when the third slot has the later work, the second slot has had the forgotten one again.
      await until('the later work runs', () => handler.started.some((s) => s.note === 'after'));
      gate.open();
      await until('both done', () => handler.done.length === 2);
      expect(handler.started.filter((s) => s.note === 'once')).toHaveLength(1);
    });

    it('loses nothing when everything is wiped while work waits and runs', async () => {
      const keys = Array.from({ length: 300 }, (_, i) => `w-${i}`);
      await table.put('wiped', keys);
      const handler = new RecordingHandler('wiped', async ({ note }) => {
        await table.performed('wiped', note);
      });
      handler.concurrency = 4;
      handler.waits = read('wiped');
      const queue = await startQueue([handler], 200);
      const adding = (async () => {
        for (const key of keys)
          await queue.add('wiped', { key, payload: { note: key } }).catch(() => undefined);
      })();
      for (const done of [20, 60, 120]) {
        await until(`${done} are done`, () => handler.done.length >= done, 20_000);
        await backend.wipe();
      }
      await adding;
      await until('nothing waits', async () => (await table.left('wiped')) === 0, 30_000);
      expect([...new Set(handler.done)].sort()).toEqual([...keys].sort());
      expect(handler.exhaustedWith).toEqual([]);
    });
  });

  it('never logged a payload', () => {
    expect(log.text()).toContain('Work failed');
    expect(log.text()).not.toContain(PRIVATE);
  });
}
