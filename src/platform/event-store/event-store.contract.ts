// What every adapter of the event store port must do. An adapter's spec calls eventStoreContract.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { newId } from '../ids/ids.js';
import {
  LOG_START,
  WrongExpectedRevisionError,
  type EventMetadata,
  type EventStore,
  type NewEvent,
  type RecordedEvent,
  type Subscription,
  type SubscriptionOptions,
} from './event-store.port.js';

export const someMetadata: EventMetadata = {
  correlationId: 'request-1',
  causationId: 'command-1',
  actor: { type: 'user', id: 'u1', login: 'ada' },
};

/** Events numbered by their data, to tell them apart in results. */
export function numbered(first: number, count: number, type = 'Counted'): NewEvent[] {
  return Array.from({ length: count }, (_, i) => ({ type, data: { n: first + i } }));
}

/** The numbers of `numbered` events. */
export function numbersOf(events: readonly RecordedEvent[]): number[] {
  return events.map((event) => (event.data as { n: number }).n);
}

/** Waits until `reached()`; throws with what `seen()` says after 15 s. */
export async function until(reached: () => boolean, seen: () => unknown = () => ''): Promise<void> {
  const limit = Date.now() + 15_000;
  while (!reached()) {
    if (Date.now() > limit) throw new Error(`waited in vain: ${JSON.stringify(seen())}`);
    await pause(2);
  }
}

/** The contract as tests. `makeStore` gives an empty store; `close` of it is called by the suite. */
export function eventStoreContract(name: string, makeStore: () => Promise<EventStore>): void {
  describe(`${name} keeps the event store contract`, () => {
    let store: EventStore;
    const running: Subscription[] = [];
    beforeAll(async () => {
      store = await makeStore();
    });
    afterEach(async () => {
      await Promise.all(running.splice(0).map((subscription) => subscription.stop()));
    });
    afterAll(async () => {
      await store.close();
    });

    /** A stream of its own for each test, in a category of its own. */
    const freshStream = (): { stream: string; category: string } => {
      const category = `c${newId().replaceAll('-', '')}`;
      return { stream: `${category}-1`, category };
    };
    const append = (stream: string, events: NewEvent[]): ReturnType<EventStore['append']> =>
      store.append(stream, 'any', events, someMetadata);
    const follow = (
      options: Omit<SubscriptionOptions, 'handle'> & Partial<SubscriptionOptions>,
    ): { got: RecordedEvent[]; subscription: Subscription } => {
      const got: RecordedEvent[] = [];
      const subscription = store.subscribe({
        handle: async (events) => void got.push(...events),
        ...options,
      });
      running.push(subscription);
      return { got, subscription };
    };

    describe('append', () => {
      it('numbers the events of a stream from 0 and gives back what was appended', async () => {
        const { stream } = freshStream();
        const id = newId();
        const data = { text: 'ü \u0000 "quoted" \\ \n {a,b}', list: [1, 2.5, null], deep: { on: true } };
        const before = Date.now();
        const result = await store.append(
          stream,
          'none',
          [
            { id, type: 'First', schemaVersion: 3, data },
            { type: 'Second', data: null },
          ],
          someMetadata,
        );
        expect(result).toMatchObject({ revision: 1, repeated: false });
        const events = await store.readStream(stream);
        expect(events).toMatchObject([
          { id, type: 'First', schemaVersion: 3, stream, revision: 0, data, metadata: someMetadata },
          { type: 'Second', schemaVersion: 1, stream, revision: 1, data: null, metadata: someMetadata },
        ]);
        expect(events[1]!.position).toBe(result.position);
        expect(Math.abs(events[0]!.time.getTime() - before)).toBeLessThan(5_000);
      });

      it('appends at the expected revision only, and says where the stream is', async () => {
        const { stream } = freshStream();
        expect(await store.append(stream, 'none', numbered(0, 2), someMetadata)).toMatchObject({
          revision: 1,
        });
        expect(await store.append(stream, 1, numbered(2, 1), someMetadata)).toMatchObject({ revision: 2 });
        for (const [expected, actual] of [
          ['none', 2],
          [1, 2],
          [3, 2],
        ] as const) {
          const failure = await store
            .append(stream, expected, numbered(9, 1), someMetadata)
            .catch((e: unknown) => e);
          expect(failure).toBeInstanceOf(WrongExpectedRevisionError);
          expect(failure).toMatchObject({ stream, expected, actual });
        }
        await expect(store.append(`${stream}x`, 0, numbered(9, 1), someMetadata)).rejects.toMatchObject({
          actual: 'none',
        });
        expect(numbersOf(await store.readStream(stream))).toEqual([0, 1, 2]);
      });

      it('lets exactly one of many writers with the same expectation through', async () => {
        const { stream } = freshStream();
        await append(stream, numbered(0, 1));
        const results = await Promise.allSettled(
          numbered(1, 12).map((event) => store.append(stream, 0, [event], someMetadata)),
        );
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        for (const result of results) {
          if (result.status === 'rejected') expect(result.reason).toMatchObject({ expected: 0, actual: 1 });
        }
        expect(await store.readStream(stream)).toHaveLength(2);
      });

      it('takes all of many writers that expect nothing', async () => {
        const { stream } = freshStream();
        const results = await Promise.all(numbered(0, 40).map((event) => append(stream, [event])));
        const revisions = results.map(({ revision }) => revision).sort((a, b) => a - b);
        expect(revisions).toEqual(Array.from({ length: 40 }, (_, i) => i));
      });

      it.each(['none', 'any'] as const)('writes nothing when it is repeated (%s)', async (expected) => {
        const { stream } = freshStream();
        const events = numbered(0, 3).map((event) => ({ ...event, id: newId().toUpperCase() }));
        const first = await store.append(stream, expected, events, someMetadata);
        await append(stream, numbered(3, 2));
        expect(await store.append(stream, expected, events, someMetadata)).toEqual({
          ...first,
          repeated: true,
        });
        expect(numbersOf(await store.readStream(stream))).toEqual([0, 1, 2, 3, 4]);
      });

      it.each(['none', 'any'] as const)(
        'writes once when the same comes at the same time (%s)',
        async (expected) => {
          const { stream } = freshStream();
          const events = numbered(0, 2).map((event) => ({ ...event, id: newId() }));
          const results = await Promise.all(
            Array.from({ length: 8 }, () => store.append(stream, expected, events, someMetadata)),
          );
          expect(results.filter(({ repeated }) => !repeated)).toHaveLength(1);
          expect(new Set(results.map(({ revision }) => revision))).toEqual(new Set([1]));
          expect(await store.readStream(stream)).toHaveLength(2);
        },
      );

      it('refuses an id that another stream has, and appends nothing of that', async () => {
        const { stream } = freshStream();
        const taken = { ...numbered(0, 1)[0]!, id: newId() };
        await append(stream, [taken]);
        for (const events of [[taken], [...numbered(1, 1), taken]]) {
          await expect(append(`${stream}x`, events)).rejects.toThrow(`event id ${taken.id}`);
        }
        expect(await store.readStream(`${stream}x`)).toEqual([]);
      });

      it('refuses an empty append, a nameless stream and two events with one id', async () => {
        const id = newId();
        const twice = numbered(0, 2).map((event) => ({ ...event, id }));
        await expect(append('a-1', [])).rejects.toThrow('nothing to append');
        await expect(append('', numbered(0, 1))).rejects.toThrow('the name of a stream');
        await expect(append('a-1', twice)).rejects.toThrow('the same id');
      });
    });

    describe('readStream', () => {
      it('reads from a revision on, at most so many', async () => {
        const { stream } = freshStream();
        await append(stream, numbered(0, 6));
        expect(numbersOf(await store.readStream(stream, 4))).toEqual([4, 5]);
        expect(numbersOf(await store.readStream(stream, 1, 2))).toEqual([1, 2]);
        expect(await store.readStream(stream, 6)).toEqual([]);
        expect(await store.readStream(`${stream}-none`)).toEqual([]);
      });
    });

    describe('readAll', () => {
      it('pages through the whole log in the order of positions', async () => {
        const { stream } = freshStream();
        const from = await store.head();
        for (let i = 0; i < 7; i++) await append(`${stream}${i % 2}`, numbered(i, 1));
        const all: RecordedEvent[] = [];
        let at = from;
        for (const atEnd of [false, false, true]) {
          const page = await store.readAll(at, undefined, 3);
          expect(page.atEnd).toBe(atEnd);
          expect(page.next).toBe(page.events.at(-1)!.position);
          all.push(...page.events);
          at = page.next;
        }
        expect(numbersOf(all)).toEqual([0, 1, 2, 3, 4, 5, 6]);
        const positions = all.map((event) => event.position);
        expect(positions).toEqual([...positions].sort());
        expect(positions[0]! > from && from >= LOG_START).toBe(true);
        expect(at).toBe(await store.head());
        expect(await store.readAll(at)).toEqual({ events: [], next: at, atEnd: true });
      });

      it('filters by type, by category and by both, and moves on past what it drops', async () => {
        const { stream, category } = freshStream();
        const from = await store.head();
        await append(stream, [...numbered(0, 2, 'A'), ...numbered(2, 1, 'B')]);
        await append(`x${stream}`, numbered(3, 2, 'B'));
        const read = async (filter: SubscriptionOptions['filter']): Promise<number[]> => {
          const page = await store.readAll(from, filter);
          expect(page).toMatchObject({ next: await store.head(), atEnd: true });
          return numbersOf(page.events);
        };
        expect(await read({ types: ['B'] })).toEqual([2, 3, 4]);
        expect(await read({ categories: [category] })).toEqual([0, 1, 2]);
        expect(await read({ categories: [category], types: ['B', 'C'] })).toEqual([2]);
        expect(await read({ types: [] })).toEqual([]);
        expect(await read({})).toEqual([0, 1, 2, 3, 4]);
        const first = await store.readAll(from, { types: ['B'] }, 2);
        expect(first.atEnd).toBe(false);
        const second = await store.readAll(first.next, { types: ['B'] }, 2);
        expect(numbersOf([...first.events, ...second.events])).toEqual([2, 3, 4]);
      });

      it('refuses a position that is none', async () => {
        await expect(store.readAll('17')).rejects.toThrow('not a position');
      });
    });

    describe('subscribe', () => {
      it('gives what is there and then what comes, in order, in batches', async () => {
        const { stream, category } = freshStream();
        await append(stream, numbered(0, 25));
        const sizes: number[] = [];
        const ends: string[] = [];
        const got: RecordedEvent[] = [];
        const { subscription } = follow({
          from: LOG_START,
          filter: { categories: [category] },
          batchSize: 10,
          handle: async (events, next) => {
            sizes.push(events.length);
            ends.push(next);
            got.push(...events);
          },
        });
        await until(() => got.length === 25);
        for (let i = 25; i < 60; i++) await append(stream, numbered(i, 1));
        await until(() => got.length === 60);
        expect(numbersOf(got)).toEqual(Array.from({ length: 60 }, (_, i) => i));
        expect(Math.max(...sizes)).toBeLessThanOrEqual(10);
        expect(ends).toEqual([...ends].sort());
        await until(() => subscription.position >= got.at(-1)!.position);
      });

      it('starts behind a position, and a new one takes over where another stopped', async () => {
        const { stream, category } = freshStream();
        const filter = { categories: [category] };
        await append(stream, numbered(0, 5));
        const [, second] = await store.readStream(stream);
        const early = follow({ from: second!.position, filter });
        await until(() => early.got.length === 3);
        await early.subscription.stop();
        await append(stream, numbered(5, 2));
        const late = follow({ from: early.subscription.position, filter });
        await append(stream, numbered(7, 1));
        await until(() => late.got.length === 3);
        expect(numbersOf([...early.got, ...late.got])).toEqual([2, 3, 4, 5, 6, 7]);
      });

      it('moves on past events that its filter drops without calling the handler', async () => {
        const { stream } = freshStream();
        const { got, subscription } = follow({ from: await store.head(), filter: { types: ['Never'] } });
        const { position } = await append(stream, numbered(0, 3));
        await until(
          () => subscription.position >= position,
          () => subscription.position,
        );
        expect(got).toEqual([]);
      });

      it('hands a batch over again until it is taken, and tells of each failure', async () => {
        const { stream, category } = freshStream();
        const calls: number[][] = [];
        const errors: unknown[] = [];
        const { subscription } = follow({
          from: await store.head(),
          filter: { categories: [category] },
          handle: async (events) => {
            calls.push(numbersOf(events));
            if (calls.length <= 2) throw new Error(`failure ${calls.length}`);
          },
          onError: (error) => void errors.push(error),
        });
        const from = subscription.position;
        const { position } = await append(stream, numbered(0, 2));
        await until(() => errors.length === 1);
        expect(subscription.position < position && subscription.position >= from).toBe(true);
        await append(stream, numbered(2, 1));
        await until(
          () => calls.flat().includes(2),
          () => calls,
        );
        expect(calls).toEqual([[0, 1], [0, 1], [0, 1], [2]]);
        expect(errors).toMatchObject([{ message: 'failure 1' }, { message: 'failure 2' }]);
      });

      it('never calls a handler twice at once, and stops after the batch in hand', async () => {
        const { stream, category } = freshStream();
        let open = (): void => undefined;
        const gate = new Promise<void>((resolve) => (open = resolve));
        let active = 0;
        let most = 0;
        const got: RecordedEvent[] = [];
        const { subscription } = follow({
          from: await store.head(),
          filter: { categories: [category] },
          batchSize: 1,
          handle: async (events) => {
            most = Math.max(most, ++active);
            got.push(...events);
            await gate;
            active--;
          },
        });
        await append(stream, numbered(0, 5));
        await until(() => active === 1);
        let stopped = false;
        const stopping = subscription.stop().then(() => (stopped = true));
        await append(stream, numbered(5, 1));
        expect(stopped).toBe(false);
        open();
        await stopping;
        expect({ most, numbers: numbersOf(got) }).toEqual({ most: 1, numbers: [0] });
        expect(subscription.position).toBe(got[0]!.position);
      });

      it('stops at once while it waits to try again', async () => {
        const { stream, category } = freshStream();
        let failures = 0;
        const { subscription } = follow({
          from: await store.head(),
          filter: { categories: [category] },
          handle: () => Promise.reject(new Error('always')),
          onError: () => void failures++,
        });
        await append(stream, numbered(0, 1));
        await until(() => failures >= 3);
        const before = Date.now();
        await subscription.stop();
        expect(Date.now() - before).toBeLessThan(200);
      });

      it('lets a slow subscriber fall behind without losing anything or holding up the others', async () => {
        const { stream, category } = freshStream();
        const filter = { categories: [category] };
        const from = await store.head();
        let open = (): void => undefined;
        const gate = new Promise<void>((resolve) => (open = resolve));
        const slow: RecordedEvent[] = [];
        follow({
          from,
          filter,
          handle: async (events) => {
            await gate;
            slow.push(...events);
          },
        });
        const fast = follow({ from, filter });
        const total = 3_000;
        for (let i = 0; i < total; i += 100) await append(stream, numbered(i, 100));
        await until(
          () => fast.got.length === total,
          () => fast.got.length,
        );
        expect(slow).toEqual([]);
        open();
        await until(
          () => slow.length === total,
          () => slow.length,
        );
        expect(numbersOf(slow)).toEqual(numbersOf(fast.got));
        await append(stream, numbered(total, 1));
        await until(() => slow.length === total + 1 && fast.got.length === total + 1);
      });
    });
  });
}
