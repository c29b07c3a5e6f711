// Caches on PostgreSQL and real files: which one is found, whose it is, that a key is written once, and their end.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { DataSource } from 'typeorm';
import type { Settings } from '../../../config/settings.js';
import { migrations } from '../../../migrations/index.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { DirectoryBlobStore } from '../../platform/blobs/directory-blob-store.js';
import type { Clock } from '../../platform/clock/clock.js';
import { requestContext, SYSTEM } from '../../platform/commands/command-context.js';
import { openDatabase } from '../../platform/database/data-source.js';
import { Aggregates } from '../../platform/event-store/aggregates.js';
import { LOG_START } from '../../platform/event-store/event-store.port.js';
import { PostgresEventStore } from '../../platform/event-store/postgres/postgres-event-store.js';
import { newId } from '../../platform/ids/ids.js';
import { RemovedFilesProcessManager } from '../removed-files.process-manager.js';
import { CacheEntity } from './cache.entity.js';
import { CacheProjection } from './cache.projection.js';
import { Caches, type CacheOwner } from './caches.js';
import { ExpiredCachesHandler } from './expired-caches.js';

const DAY_MS = 86_400_000;
const settings = { cacheRetention: 15 * DAY_MS } as Settings;
let test: TestDatabase;
let database: DataSource;
let store: PostgresEventStore;
let blobs: DirectoryBlobStore;
let root: string;
let caches: Caches;
let expired: ExpiredCachesHandler;
let projectId: string;
/** Stands for the time that has passed. */
let days = 0;
const clock: Clock = { now: () => new Date(Date.now() + days * DAY_MS) };

beforeAll(async () => {
  test = await createTestDatabase();
  database = await openDatabase({ url: test.url, poolSize: 2, entities: [CacheEntity], migrations });
  store = await PostgresEventStore.open({ url: test.url });
  root = await mkdtemp(join(tmpdir(), 'rotunda-caches-'));
  blobs = await DirectoryBlobStore.open(root);
});
afterAll(async () => {
  await database?.destroy();
  await store?.close();
  await test?.drop();
  if (root) await rm(root, { recursive: true, force: true });
});
beforeEach(async () => {
  await database.getRepository(CacheEntity).clear();
  projectId = newId();
  days = 0;
  const aggregates = new Aggregates(store);
  caches = new Caches(database, store, blobs, aggregates, settings);
  expired = new ExpiredCachesHandler(database, aggregates, settings);
  caches.clock = clock;
  expired.clock = clock;
});

interface Saved {
  owner?: CacheOwner;
  retentionDays?: number;
  content?: Readable | string;
}

async function save(
  key: string,
  { owner = { projectId }, retentionDays, content = key }: Saved = {},
): Promise<boolean> {
  const stream = typeof content === 'string' ? Readable.from([Buffer.from(content)]) : content;
  const facts = { ...owner, key, jobNumber: 43, saveId: newId(), paths: ['/root/.m2'], retentionDays };
  const saved = await caches.save(facts, stream, requestContext(SYSTEM));
  await project();
  return saved;
}

let projected = LOG_START;
let projecting: Promise<void> = Promise.resolve();
/** Shows the projection and the remover what has happened since the last time. */
function project(): Promise<void> {
  projecting = projecting.then(async () => {
    const projection = new CacheProjection();
    const remover = new RemovedFilesProcessManager(blobs);
    for (let atEnd = false; !atEnd;) {
      const page = await store.readAll(projected, { types: projection.eventTypes });
      await database.transaction((db) => projection.project(page.events, db));
      for (const event of page.events) if (event.type === 'CacheRemoved') await remover.react(event);
      ({ next: projected, atEnd } = page);
    }
  });
  return projecting;
}

const find = async (keys: string[], owner: CacheOwner = { projectId }): Promise<string | undefined> => {
  const found = await caches.find(owner, keys);
  return found && text(await caches.open(found));
};

describe('finding a cache', () => {
  it('takes the first key that any stored key begins with, and of those the newest, even over an exact match', async () => {
    for (const key of ['v1-main-a', 'v1-main', 'v1-main-b', 'v2-x']) await save(key);
    expect(await find(['v1-main'])).toBe('v1-main-b');
    expect(await find(['v1-main-a'])).toBe('v1-main-a');
    expect(await find(['v3', 'v1-', 'v2'])).toBe('v1-main-b');
    expect(await find(['v2-', 'v1-'])).toBe('v2-x');
    expect(await find(['v3', '-main'])).toBeUndefined();
    // Characters that mean something in patterns of SQL.
    expect(await find(['v_-main', 'v%'])).toBeUndefined();
  });

  it('finds those of the project only, and those of a fork only for it', async () => {
    const fork = { projectId, scope: 'https://git.example.org/someone/app.git' };
    await save('k-1', { content: 'of the project' });
    await save('k-1', { content: 'of the fork', owner: fork });
    expect(await find(['k-'])).toBe('of the project');
    expect(await find(['k-'], fork)).toBe('of the fork');
    expect(await find(['k-'], { projectId, scope: 'https://git.example.org/other/app.git' })).toBeUndefined();
    expect(await find(['k-'], { projectId: newId() })).toBeUndefined();
  });
});

describe('saving a cache', () => {
  it('is done once for a key; nothing is left of a second one', async () => {
    expect(await save('k', { content: 'first' })).toBe(true);
    expect(await save('k', { content: 'second' })).toBe(false);
    expect(await find(['k'])).toBe('first');
    expect(await blobs.list(`caches/${projectId}/`)).toHaveLength(1);
    expect(await caches.savedAt({ projectId }, 'k')).toBeInstanceOf(Date);
    expect(await caches.savedAt({ projectId }, 'k2')).toBeUndefined();
  });

  it('by several jobs at once lets one of them win', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, i) => save('race', { content: `job ${i}` })),
    );
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect(await find(['race'])).toBe(`job ${outcomes.indexOf(true)}`);
    expect(await blobs.list(`caches/${projectId}/`)).toHaveLength(1);
  });

  it('that breaks off stores nothing, and the key stays free', async () => {
    const broken = Readable.from(
      (function* () {
        yield Buffer.alloc(100_000);
        throw new Error('the agent is gone');
      })(),
    );
    await expect(save('k', { content: broken })).rejects.toThrow('the agent is gone');
    expect([await find(['k']), await blobs.list(`caches/${projectId}/`)]).toEqual([undefined, []]);
    expect(await save('k')).toBe(true);
  });

  it.each([0, 901])('with a key of %d characters is refused before anything is read', async (length) => {
    await expect(save('k'.repeat(length))).rejects.toMatchObject({ code: 'CACHE.KEY' });
  });
});

describe('the end of a cache', () => {
  const due = async (): Promise<number> => (await expired.waiting(undefined, 10)).length;

  it('is 15 days after it was saved, or sooner when its job says so; then it goes and the key is free', async () => {
    await save('long');
    await save('short', { retentionDays: 2 });
    await save('thirty', { retentionDays: 30 });
    days = 1.9;
    expect([await due(), await find(['short'])]).toEqual([0, 'short']);
    days = 2.1;
    expect([await due(), await find(['short']), await find(['long'])]).toEqual([1, undefined, 'long']);
    days = 15.1;
    expect(await due()).toBe(3);
    for (const { payload } of await expired.waiting(undefined, 10)) {
      await expired.perform(payload);
      await expired.perform(payload);
    }
    await project();
    expect([await due(), await blobs.list(`caches/${projectId}/`)]).toEqual([0, []]);
    days = 0;
    expect(await save('short', { content: 'again' })).toBe(true);
    // What was due before is about another cache now.
    await expired.perform({
      cacheId: (await database.manager.find(CacheEntity))[0]!.id,
      blobKey: 'an/earlier/one',
    });
    await project();
    expect(await find(['short'])).toBe('again');
  });

  it('never comes when the server is told so', async () => {
    await save('k');
    await save('short', { retentionDays: 2 });
    days = 3000;
    const forever = { cacheRetention: 0 } as Settings;
    const handler = new ExpiredCachesHandler(database, new Aggregates(store), forever);
    handler.clock = clock;
    expect((await handler.waiting(undefined, 10)).length).toBe(1);
  });

  it('is found page by page', async () => {
    for (const key of ['a', 'b', 'c']) await save(key);
    days = 16;
    const keys: string[] = [];
    for (
      let page = await expired.waiting(undefined, 2);
      page.length > 0;
      page = await expired.waiting(keys.at(-1), 2)
    )
      keys.push(...page.map(({ key }) => key));
    expect(keys).toHaveLength(3);
  });
});
