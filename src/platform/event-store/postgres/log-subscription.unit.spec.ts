// A subscription that is stopped while it reads.
import { expect, it } from '@jest/globals';
import type { LogPage } from '../event-store.port.js';
import { LogSubscription } from './log-subscription.js';
import { LogTail } from './log-tail.js';
import { toLogPosition } from './log-position.js';

it('stopped during its first read, it does not join the tail, which would read on and on', async () => {
  const start = toLogPosition('0', '0');
  let answer: (page: LogPage) => void = () => undefined;
  const read = (): Promise<LogPage> => new Promise((resolve) => (answer = resolve));
  const joined: boolean[] = [];
  class WatchedTail extends LogTail {
    override join(...given: Parameters<LogTail['join']>): boolean {
      joined.push(super.join(...given));
      return true;
    }
  }
  const tail = new WatchedTail(
    async (from) => ({ events: [], next: from, atEnd: true, pending: false }),
    60_000,
    (error) => {
      throw error;
    },
  );
  const handled: unknown[] = [];
  const subscription = new LogSubscription(
    { from: start, handle: async (events) => void handled.push(events) },
    read,
    tail,
    () => undefined,
  );
  const stopped = subscription.stop();
  answer({ events: [], next: start, atEnd: true });
  await stopped;
  tail.leave(subscription);
  expect({ joined, handled }).toEqual({ joined: [], handled: [] });
});
