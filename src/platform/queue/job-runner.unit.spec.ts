import { describe, expect, it } from '@jest/globals';
import { jobIdOf } from './job-id.js';
import { JobRunner, backOff, type Delivery } from './job-runner.js';
import { RecordingHandler } from './work-queue.testing.js';

const quiet = { warn: () => undefined, error: () => undefined };

function delivery(more: Partial<Delivery> = {}): Delivery {
  return {
    id: 'k-1',
    data: { payload: '{"note":"n"}' },
    attemptsMade: 0,
    stalledCounter: 0,
    failedReason: '',
    moveToWait: () => Promise.resolve(0),
    ...more,
  };
}

describe('JobRunner', () => {
  it('gives work up that ended its process again and again', async () => {
    const handler = new RecordingHandler('q');
    const runner = new JobRunner(handler as never, quiet, new AbortController().signal);
    await runner.run(delivery({ stalledCounter: 9 }));
    expect(handler.done).toEqual(['n']);
    await runner.run(delivery({ stalledCounter: 10 }));
    expect(handler.done).toEqual(['n']);
    expect(handler.exhaustedWith).toEqual([
      { note: 'n', message: 'The process ended 10 times while doing this work' },
    ]);
  });

  it('shares one run between two deliveries of the same work', async () => {
    let release!: () => void;
    const handler = new RecordingHandler('q', () => new Promise((resolve) => (release = resolve)));
    const runner = new JobRunner(handler as never, quiet, new AbortController().signal);
    const both = [runner.run(delivery()), runner.run(delivery())];
    await new Promise(setImmediate);
    release();
    await Promise.all(both);
    expect(handler.started).toHaveLength(1);
  });

  it('backs off exponentially from 200 ms, to 30 s at most', () => {
    expect([1, 2, 3, 4, 20, 2_000].map(backOff)).toEqual([200, 400, 800, 1_600, 30_000, 30_000]);
  });
});

describe('jobIdOf', () => {
  it('makes ids that BullMQ accepts, a different one for each key', () => {
    const keys = ['1', 'k-1', 'a:b', 'a%3Ab', 'x'.repeat(1_000), 'x'.repeat(1_001), ''];
    const ids = keys.map(jobIdOf);
    expect(new Set(ids).size).toBe(keys.length);
    for (const id of ids) {
      expect(id).not.toContain(':');
      expect(String(parseInt(id, 10))).not.toBe(id);
      expect(id.length).toBeLessThanOrEqual(400);
    }
    expect(jobIdOf('a:b')).toBe(ids[2]);
  });
});
