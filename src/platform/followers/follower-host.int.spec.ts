// Followers on a real log: projections take each event in exactly once, whatever fails; process managers at least once.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../../../test/support/until.js';
import type { RecordedEvent } from '../event-store/event-store.port.js';
import { readCheckpoint, writeCheckpoint } from './checkpoints.js';
import {
  appendNumbers,
  numbersTo,
  openWorld,
  seenNumbers,
  silent,
  Sums,
  type World,
} from './counting.testing.js';
import { FollowerHost } from './follower-host.js';

let world: World;
let hosts: FollowerHost[];
beforeEach(async () => {
  world = await openWorld();
  hosts = [];
});
afterEach(async () => {
  await Promise.all(hosts.map((host) => host.stop()));
  await world.close();
});

function makeHost(): FollowerHost {
  const host = new FollowerHost(world.store, world.database, world.url, silent);
  hosts.push(host);
  return host;
}
const hasSeen = (last: number): Promise<unknown> =>
  until(
    `${last} numbers`,
    20_000,
    async () => (await seenNumbers(world.database)).length >= last || undefined,
  );

describe('projections', () => {
  it('take in every event once, and know where they stand', async () => {
    const host = makeHost();
    host.addProjection(new Sums());
    await appendNumbers(world.store, 1, 20);
    host.start();
    const { position } = await appendNumbers(world.store, 21, 40);
    await host.caughtUp(position, ['Added'], 20_000);
    expect(await seenNumbers(world.database)).toEqual(numbersTo(40));
    expect((await readCheckpoint(world.database.manager, 'sums')) >= position).toBe(true);
  });

  it('write rows and checkpoint in one transaction: a failure after the rows leaves neither', async () => {
    const projection = new Sums();
    const checkpoints: string[] = [];
    projection.after = (call) => {
      if (call <= 2) throw new Error('the power fails');
    };
    projection.before = async (call) => {
      if (call > 1) checkpoints.push(await readCheckpoint(world.database.manager, 'sums'));
    };
    const host = makeHost();
    host.addProjection(projection);
    await appendNumbers(world.store, 1, 10);
    host.start();
    await hasSeen(10);
    expect(await seenNumbers(world.database)).toEqual(numbersTo(10));
    expect(checkpoints).toEqual(['', '']);
  });

  it('go on behind the checkpoint when another host takes over', async () => {
    const first = makeHost();
    first.addProjection(new Sums());
    first.start();
    await appendNumbers(world.store, 1, 10);
    await hasSeen(10);
    await first.stop();
    await appendNumbers(world.store, 11, 20);
    const second = makeHost();
    second.addProjection(new Sums());
    second.start();
    await hasSeen(20);
    expect(await seenNumbers(world.database)).toEqual(numbersTo(20));
  });

  it('are led by one host at a time', async () => {
    for (const host of [makeHost(), makeHost()]) {
      host.addProjection(new Sums());
      host.start();
    }
    for (let n = 1; n <= 20; n++) await appendNumbers(world.store, n, n);
    await hasSeen(20);
    expect(await seenNumbers(world.database)).toEqual(numbersTo(20));
  });

  it('are not held up by one that keeps failing, which goes on as soon as it can', async () => {
    let broken = true;
    const failing = {
      name: 'failing',
      tables: [],
      eventTypes: ['Added'],
      taken: [] as number[],
      async project(events: readonly RecordedEvent[]): Promise<void> {
        if (broken) throw new Error('a bug');
        this.taken.push(...events.map((event) => (event.data as { n: number }).n));
      },
    };
    const host = makeHost();
    host.addProjection(failing);
    host.addProjection(new Sums());
    const told: string[] = [];
    host.onProjected((name, events) => void told.push(...events.map(() => name)));
    host.start();
    await appendNumbers(world.store, 1, 5);
    await hasSeen(5);
    await appendNumbers(world.store, 6, 10);
    await hasSeen(10);
    expect(failing.taken).toEqual([]);
    expect(await readCheckpoint(world.database.manager, 'failing')).toBe('');
    broken = false;
    const { position } = await appendNumbers(world.store, 11, 12);
    await host.caughtUp(position, ['Added'], 20_000);
    expect(failing.taken).toEqual(numbersTo(12));
    expect(await seenNumbers(world.database)).toEqual(numbersTo(12));
    expect(told.filter((name) => name === 'sums')).toHaveLength(12);
    expect(told.filter((name) => name === 'failing')).toHaveLength(12);
  });

  it('that stand at different places each take what they lack, and no more', async () => {
    const first = makeHost();
    first.addProjection(new Sums());
    first.start();
    await appendNumbers(world.store, 1, 10);
    await hasSeen(10);
    await first.stop();
    const taken: number[] = [];
    const late = {
      name: 'late',
      tables: [],
      eventTypes: ['Added'],
      project: async (events: readonly RecordedEvent[]) =>
        void taken.push(...events.map((event) => (event.data as { n: number }).n)),
    };
    const second = makeHost();
    second.addProjection(new Sums());
    second.addProjection(late);
    second.start();
    const { position } = await appendNumbers(world.store, 11, 12);
    await second.caughtUp(position, ['Added'], 20_000);
    expect(taken).toEqual(numbersTo(12));
    expect(await seenNumbers(world.database)).toEqual(numbersTo(12));
  });

  it('start again from a checkpoint that was moved under them', async () => {
    const host = makeHost();
    host.addProjection(new Sums());
    host.start();
    await appendNumbers(world.store, 1, 10);
    await hasSeen(10);
    await world.database.transaction(async (db) => {
      await readCheckpoint(db, 'sums', true);
      await db.query('DELETE FROM seen');
      await db.query('DELETE FROM sums');
      await writeCheckpoint(db, 'sums', '');
    });
    await appendNumbers(world.store, 11, 11);
    await hasSeen(11);
    expect(await seenNumbers(world.database)).toEqual(numbersTo(11));
  });
});

describe('process managers', () => {
  it('see every event in order, again after a failure, and go on from their checkpoint', async () => {
    const reacted: number[] = [];
    let failures = 0;
    const react = async (event: RecordedEvent): Promise<void> => {
      const { n } = event.data as { n: number };
      if (n === 3 && failures++ === 0) throw new Error('once');
      reacted.push(n);
    };
    const manager = { name: 'reacts', eventTypes: ['Added'], react };
    const first = makeHost();
    first.addProcessManager(manager);
    await appendNumbers(world.store, 1, 5);
    first.start();
    await until('all reactions', 20_000, () => reacted.includes(5) || undefined);
    expect(failures).toBe(2);
    expect(reacted).toEqual([1, 2, 1, 2, 3, 4, 5]);
    await first.stop();

    reacted.length = 0;
    await appendNumbers(world.store, 6, 7);
    const second = makeHost();
    second.addProcessManager(manager);
    second.start();
    await until('the new reactions', 20_000, () => reacted.includes(7) || undefined);
    expect(reacted).toEqual([6, 7]);
  });
});

describe('names', () => {
  it('are unique, and an unknown one is answered with those there are', () => {
    const host = makeHost();
    host.addProjection(new Sums());
    expect(() =>
      host.addProcessManager({ name: 'sums', eventTypes: [], react: async () => undefined }),
    ).toThrow('two followers are called "sums"');
    expect(() => host.projection('sum')).toThrow('no projection is called "sum"; there are sums');
  });
});
