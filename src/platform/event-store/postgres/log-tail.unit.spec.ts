import { describe, expect, it } from '@jest/globals';
import { until } from '../event-store.contract.js';
import type { RecordedEvent } from '../event-store.port.js';
import type { TailPage } from './log-reader.js';
import { LogTail, type TailMember } from './log-tail.js';

const quiet: TailPage = { events: [], next: 'p0', atEnd: true, pending: false };
const eventAt = (position: string): RecordedEvent => ({ position }) as RecordedEvent;
const unexpected = (error: unknown): void => {
  throw error;
};

function member(): TailMember & { got: string[] } {
  const got: string[] = [];
  return { got, push: (events) => void got.push(...events.map((event) => event.position)) };
}

describe('LogTail', () => {
  it('reads once per poll for all its members while nothing happens, and not at all without members', async () => {
    const reads: number[] = [];
    const tail = new LogTail(async () => (reads.push(Date.now()), quiet), 20, unexpected);
    tail.wake();
    expect(reads).toEqual([]);
    const [one, two] = [member(), member()];
    tail.join(one, 'p0');
    tail.join(two, 'p0');
    await until(() => reads.length === 8);
    // The first reads come with the joining; the five after the third are a poll apart.
    expect(reads.at(-1)! - reads[2]!).toBeGreaterThan(5 * 20 - 15);
    tail.leave(one);
    tail.leave(two);
    const before = reads.length;
    tail.wake();
    expect(reads.length).toBe(before);
  });

  it('looks again soon, but ever less often, while events are known that are not readable yet', async () => {
    const reads: number[] = [];
    const pages = async (): Promise<TailPage> => {
      reads.push(Date.now());
      if (reads.length < 12) return { ...quiet, pending: true };
      return { events: [eventAt('p1')], next: 'p1', atEnd: true, pending: false };
    };
    const tail = new LogTail(pages, 3_600_000, unexpected);
    const one = member();
    tail.join(one, 'p0');
    await until(() => one.got.length === 1);
    tail.leave(one);
    expect(one.got).toEqual(['p1']);
    // 1 + 2 + 4 + 8 + 16 + 6 pauses of 20 ms.
    const took = reads.at(-1)! - reads[0]!;
    expect(took).toBeGreaterThan(120);
    expect(took).toBeLessThan(1_000);
  });

  it('gives a member that comes a little late what it missed, and refuses one that is too far back', async () => {
    let page: TailPage = quiet;
    const tail = new LogTail(async () => page, 3_600_000, unexpected);
    const [early, late] = [member(), member()];
    tail.join(early, 'p1');
    page = { events: [eventAt('p2'), eventAt('p3')], next: 'p3', atEnd: true, pending: false };
    tail.wake();
    await until(() => early.got.length >= 2);
    page = { ...quiet, next: 'p3' };
    expect(tail.join(late, 'p0')).toBe(false);
    expect(tail.join(late, 'p2')).toBe(true);
    expect(late.got).toContain('p3');
    tail.leave(early);
    tail.leave(late);
  });

  it('goes on after a failed read', async () => {
    const errors: unknown[] = [];
    let reads = 0;
    const tail = new LogTail(
      async () => {
        if (++reads === 1) throw new Error('cut');
        return { events: [eventAt('p1')], next: 'p1', atEnd: true, pending: false };
      },
      3_600_000,
      (error) => void errors.push(error),
    );
    const one = member();
    tail.join(one, 'p0');
    await until(() => one.got.length === 1);
    tail.leave(one);
    expect(errors).toMatchObject([{ message: 'cut' }]);
  });
});
