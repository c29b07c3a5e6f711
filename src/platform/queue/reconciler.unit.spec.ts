import { describe, expect, it } from '@jest/globals';
import { Reconciler } from './reconciler.js';
import type { WorkHandler, WorkItem } from './work-queue.port.js';

function setUp(waiting: WorkHandler['waiting']): { reconciler: Reconciler; filled: string[] } {
  const filled: string[] = [];
  const handler: WorkHandler = {
    queue: 'q',
    perform: () => Promise.resolve(),
    exhausted: () => Promise.resolve(),
    waiting,
  };
  const reconciler = new Reconciler({
    handlers: () => [handler],
    repair: () => Promise.resolve(),
    fill: (_queue, items) => {
      filled.push(...items.map((item) => item.key));
      return Promise.resolve(items.length);
    },
    logger: { info: () => undefined, warn: () => undefined },
    intervalMs: 3_600_000,
  });
  return { reconciler, filled };
}

const page = (from: number, size: number): WorkItem[] =>
  Array.from({ length: size }, (_, i) => ({ key: String(from + i).padStart(6, '0'), payload: null }));

describe('Reconciler', () => {
  it('never overlaps itself: calls during a pass share one more pass', async () => {
    let inside = 0;
    let most = 0;
    let passes = 0;
    const open: (() => void)[] = [];
    const { reconciler } = setUp(async () => {
      passes++;
      most = Math.max(most, ++inside);
      await new Promise<void>((resolve) => open.push(resolve));
      inside--;
      return [];
    });
    const first = reconciler.start();
    await new Promise(setImmediate);
    const [second, third] = [reconciler.reconcileNow(), reconciler.reconcileNow()];
    open.shift()?.();
    await first;
    await new Promise(setImmediate);
    open.shift()?.();
    await Promise.all([second, third]);
    await reconciler.stop();
    expect({ passes, most }).toEqual({ passes: 2, most: 1 });
  });

  it('pages by the last key until a page is not full', async () => {
    const asked: (string | undefined)[] = [];
    const { reconciler, filled } = setUp((after, limit) => {
      asked.push(after);
      return Promise.resolve(after === undefined ? page(0, limit) : page(limit, 3));
    });
    await reconciler.start();
    await reconciler.stop();
    expect(asked).toEqual([undefined, '000499']);
    expect(filled).toHaveLength(503);
  });

  it('ends even if a read model gives the same full page for ever', async () => {
    let pages = 0;
    const { reconciler } = setUp((_after, limit) => {
      pages++;
      return Promise.resolve(page(0, limit));
    });
    await reconciler.start();
    await reconciler.stop();
    expect(pages).toBe(2);
  });

  it('does nothing after it was stopped', async () => {
    let asked = 0;
    const { reconciler } = setUp(() => {
      asked++;
      return Promise.resolve([]);
    });
    await reconciler.start();
    await reconciler.stop();
    await reconciler.reconcileNow();
    expect(asked).toBe(1);
  });
});
