// Workspaces on PostgreSQL and real files: which layers a job sees, which of them are concurrent, and their end.
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
import { requestContext, SYSTEM } from '../../platform/commands/command-context.js';
import { openDatabase } from '../../platform/database/data-source.js';
import { LOG_START, type NewEvent } from '../../platform/event-store/event-store.port.js';
import { PostgresEventStore } from '../../platform/event-store/postgres/postgres-event-store.js';
import { newId } from '../../platform/ids/ids.js';
import type { JobFacts } from '../jobs/job.events.js';
import { RemovedFilesProcessManager } from '../removed-files.process-manager.js';
import { ExpiredWorkspacesHandler } from './expired-workspaces.js';
import { WorkspaceLayerEntity } from './workspace.entity.js';
import { WorkspaceProjection } from './workspace.projection.js';
import { Workspaces } from './workspaces.js';

const DAY_MS = 86_400_000;
const by = requestContext(SYSTEM);
let test: TestDatabase;
let database: DataSource;
let store: PostgresEventStore;
let blobs: DirectoryBlobStore;
let root: string;
let workspaces: Workspaces;
let expired: ExpiredWorkspacesHandler;
let days = 0;

beforeAll(async () => {
  test = await createTestDatabase();
  database = await openDatabase({ url: test.url, poolSize: 2, entities: [WorkspaceLayerEntity], migrations });
  store = await PostgresEventStore.open({ url: test.url });
  root = await mkdtemp(join(tmpdir(), 'rotunda-workspaces-'));
  blobs = await DirectoryBlobStore.open(root);
  workspaces = new Workspaces(store, blobs);
  expired = new ExpiredWorkspacesHandler(database, store, { workspaceRetention: 15 * DAY_MS } as Settings);
  expired.clock = { now: () => new Date(Date.now() + days * DAY_MS) };
});
afterAll(async () => {
  await database?.destroy();
  await store?.close();
  await test?.drop();
  if (root) await rm(root, { recursive: true, force: true });
});
beforeEach(() => {
  days = 0;
});

/** A workflow of these jobs (`a <- b c`: a requires b and c) with a workspace of its own, or that of an earlier one. */
async function workflowOf(lines: string[], workspaceId = newId(), known: Record<string, string> = {}) {
  const workflowId = newId();
  const jobs = lines.map((line) => {
    const [name = '', requires = ''] = line.split(' <- ');
    const all = requires.split(' ').filter(Boolean);
    return { id: known[name] ?? newId(), name, requires: all.map((job) => ({ job })) };
  });
  const created = { type: 'WorkflowCreated', data: { jobs } } as NewEvent;
  await store.append(`workflow-${workflowId}`, 'none', [created], by);
  const job = (name: string, nodes = 1): JobFacts => {
    const { id: jobId } = jobs.find((each) => each.name === name)!;
    const taskIds = Array.from({ length: nodes }, (_, node) => `${jobId.slice(0, -2)}0${node}`);
    return { jobId, name, workflowId, workspaceId, taskIds } as unknown as JobFacts;
  };
  return { job, workspaceId };
}

const persist = (job: JobFacts, step: number, content: string, node = 0) =>
  workspaces.add({ job, taskId: job.taskIds[node]!, step }, Readable.from([Buffer.from(content)]), by);

async function seen(job: JobFacts): Promise<string[]> {
  const layers = await workspaces.layersFor(job);
  const nameOf = new Map<string, string>();
  const lines: string[] = [];
  for (const { id, concurrentWith } of layers) {
    nameOf.set(id, await text(await workspaces.open(job, id)));
    const others = concurrentWith.map((other) => nameOf.get(other)).join(' ');
    lines.push(others === '' ? nameOf.get(id)! : `${nameOf.get(id)} beside ${others}`);
  }
  return lines;
}

describe('a job sees the layers', () => {
  it('of all jobs upstream, in the order of the graph, and of no others', async () => {
    const { job } = await workflowOf(['last <- b', 'b <- a', 'a', 'aside']);
    // In another order than that of the graph.
    await persist(job('aside'), 2, 'aside');
    await persist(job('b'), 3, 'b');
    await persist(job('a'), 5, 'a5');
    await persist(job('a'), 2, 'a2');
    await persist(job('last'), 2, 'last');
    expect(await seen(job('last'))).toEqual(['a2', 'a5', 'b']);
    expect(await seen(job('a'))).toEqual([]);
    const [asideLayer] = await workspaces.layersFor((await workflowOf(['x'])).job('x'));
    expect(asideLayer).toBeUndefined();
  });

  it('and which of them are in no order: those of unrelated jobs, and of the nodes of one', async () => {
    const { job } = await workflowOf(['last <- b c d', 'a', 'b <- a', 'c <- a', 'd']);
    await persist(job('a'), 2, 'a');
    await persist(job('b'), 2, 'b');
    await persist(job('c', 2), 2, 'c0');
    await persist(job('c', 2), 3, 'c0 again');
    await persist(job('c', 2), 2, 'c1', 1);
    await persist(job('d'), 2, 'd');
    expect(await seen(job('last'))).toEqual([
      'a',
      'b',
      'c0 beside b',
      'c0 again beside b',
      'c1 beside b c0 c0 again',
      'd beside a b c0 c0 again c1',
    ]);
  });

  it('of jobs that a rerun kept, and not of those that it runs again', async () => {
    const first = await workflowOf(['last <- good bad', 'good', 'bad']);
    await persist(first.job('good'), 2, 'good');
    await persist(first.job('bad'), 2, 'bad, the first time');
    const kept = { good: first.job('good').jobId };
    const rerun = await workflowOf(['last <- good bad', 'good', 'bad'], first.workspaceId, kept);
    await persist(rerun.job('bad'), 2, 'bad, again');
    expect(await seen(rerun.job('last'))).toEqual(['good', 'bad, again beside good']);
  });

  it('once, when an agent sends one again', async () => {
    const { job } = await workflowOf(['last <- a', 'a']);
    const first = await persist(job('a'), 2, 'a');
    expect((await persist(job('a'), 2, 'a')).id).toBe(first.id);
    expect(await seen(job('last'))).toEqual(['a']);
  });

  it('that it sees, and opens no other', async () => {
    const { job } = await workflowOf(['last <- a', 'a', 'aside']);
    const { id } = await persist(job('aside'), 2, 'aside');
    await expect(workspaces.open(job('last'), id)).rejects.toMatchObject({ name: 'NotFoundError' });
  });
});

describe('a layer that breaks off', () => {
  it('is none', async () => {
    const { job } = await workflowOf(['last <- a', 'a']);
    const broken = Readable.from(
      (function* () {
        yield Buffer.alloc(100_000);
        throw new Error('the agent is gone');
      })(),
    );
    const at = { job: job('a'), taskId: job('a').taskIds[0]!, step: 2 };
    await expect(workspaces.add(at, broken, by)).rejects.toThrow('the agent is gone');
    expect(await seen(job('last'))).toEqual([]);
  });
});

describe('the end of a layer', () => {
  it('is 15 days after it was made; jobs that need it say so', async () => {
    const { job, workspaceId } = await workflowOf(['last <- a', 'a', 'other']);
    await persist(job('a'), 2, 'a');
    const layers = new WorkspaceProjection();
    const remover = new RemovedFilesProcessManager(blobs);
    let from = LOG_START;
    const project = async (): Promise<void> => {
      const { events, next } = await store.readAll(from, { types: layers.eventTypes });
      from = next;
      await database.transaction((db) => layers.project(events, db));
      for (const event of events) if (event.type === 'WorkspaceLayerRemoved') await remover.react(event);
    };
    await project();
    const due = async () =>
      (await expired.waiting(undefined, 100)).filter(({ payload }) => payload.workspaceId === workspaceId);
    days = 14.9;
    expect(await due()).toEqual([]);
    days = 15.1;
    const [work] = await due();
    await expired.perform(work!.payload);
    await expired.perform(work!.payload);
    await project();
    expect([await due(), await blobs.list(`workspaces/${workspaceId}/`)]).toEqual([[], []]);
    await expect(workspaces.layersFor(job('last'))).rejects.toThrow(
      `The workspace layer of job a (${job('a').jobId}) is not kept any more: run the workflow from its start`,
    );
    expect(await workspaces.layersFor(job('other'))).toEqual([]);
  });
});
