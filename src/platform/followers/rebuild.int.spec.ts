// A projection made anew while events are appended and people read.
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { readCheckpoint } from './checkpoints.js';
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
import { rebuildProjection } from './rebuild.js';

let world: World;
let host: FollowerHost;
beforeEach(async () => {
  world = await openWorld();
  host = new FollowerHost(world.store, world.database, world.url, silent);
  host.addProjection(new Sums());
  host.start();
});
afterEach(async () => {
  await host.stop();
  await world.close();
});

it('mends rows that were wrong, without a moment in which readers see less than there was', async () => {
  for (let n = 0; n < 3; n++) await appendNumbers(world.store, n * 100 + 1, n * 100 + 100);
  const { position } = await appendNumbers(world.store, 301, 310);
  await host.caughtUp(position, ['Added'], 30_000);
  await world.database.query('UPDATE sums SET total = 7');

  let isRebuilt = false;
  let last = 310;
  let fewest = Infinity;
  const writing = (async () => {
    while (!isRebuilt && last < 1000) await appendNumbers(world.store, ++last, last);
  })();
  const reading = (async () => {
    while (!isRebuilt) fewest = Math.min(fewest, (await seenNumbers(world.database)).length);
  })();
  try {
    await rebuildProjection(host.projection('sums'), world.store, world.database);
  } finally {
    isRebuilt = true;
    await Promise.all([writing, reading]);
  }
  const end = await appendNumbers(world.store, ++last, last);
  await host.caughtUp(end.position, ['Added'], 30_000);

  expect(fewest).toBeGreaterThanOrEqual(310);
  expect(await seenNumbers(world.database)).toEqual(numbersTo(last));
  expect(await world.database.query('SELECT total FROM sums')).toEqual([
    { total: String((last * (last + 1)) / 2) },
  ]);
}, 120_000);

it('begins anew after a rebuild that was killed on its way', async () => {
  const { position } = await appendNumbers(world.store, 1, 50);
  await host.caughtUp(position, ['Added'], 20_000);
  const stop = (): void => {
    throw new Error('killed');
  };
  const projection = host.projection('sums');
  await expect(rebuildProjection(projection, world.store, world.database, stop)).rejects.toThrow('killed');
  expect(await seenNumbers(world.database)).toEqual(numbersTo(50));
  expect(await rebuildProjection(projection, world.store, world.database)).toBe(50);
  expect(await seenNumbers(world.database)).toEqual(numbersTo(50));
  expect((await readCheckpoint(world.database.manager, 'sums')) >= position).toBe(true);
  expect(await world.database.query("SELECT 1 FROM pg_namespace WHERE nspname LIKE 'rebuild%'")).toEqual([]);
}, 60_000);
