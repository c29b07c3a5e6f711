// Sealing as queued work, on PostgreSQL and real files: what is put on the queue, and what kill -9 does to it.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { migrations } from '../../../migrations/index.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { DirectoryBlobStore } from '../../platform/blobs/directory-blob-store.js';
import { openDatabase } from '../../platform/database/data-source.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { WorkItem } from '../../platform/queue/work-queue.port.js';
import { OutputStore } from './output-store.js';
import { PostgresOutputIndex, type SqlRunner } from './postgres-output-index.js';
import { SealOutputProcessManager, SealOutputWorkHandler, type SealOutputWork } from './seal-output.work.js';
import { UnsealedOutput } from './unsealed-output.js';

let test: TestDatabase;
let database: DataSource;
let root: string;
let index: PostgresOutputIndex;
let store: OutputStore;
let unsealed: UnsealedOutput;
let handler: SealOutputWorkHandler;
const warnings: object[] = [];

beforeAll(async () => {
  test = await createTestDatabase();
  database = await openDatabase({ url: test.url, poolSize: 4, entities: [], migrations });
  root = await mkdtemp(join(tmpdir(), 'seal-'));
  index = new PostgresOutputIndex((database.driver as unknown as { master: SqlRunner }).master);
  store = new OutputStore(await DirectoryBlobStore.open(root), index);
  unsealed = new UnsealedOutput(database);
  const logger = pino({ level: 'warn' }, { write: (line) => void warnings.push(JSON.parse(line) as object) });
  handler = new SealOutputWorkHandler(store, unsealed, logger);
});
afterAll(async () => {
  await database?.destroy();
  await test?.drop();
  if (root) await rm(root, { recursive: true, force: true });
});

/** Output of step 0 in so many segments; returns its bytes. */
async function print(task: string, segments: number, length: number, step = 0): Promise<Buffer> {
  const whole = randomBytes(segments * length);
  for (let at = 0; at < whole.length; at += length)
    await store.append(task, step, at, whole.subarray(at, at + length));
  return whole;
}

const read = async (task: string, start = 0): Promise<Buffer> => buffer(await store.read(task, 0, start));
const segmentsOf = async (task: string, step = 0): Promise<number> =>
  (await index.segments(task, step)).length;

function managerOf(add: (queue: string, item: WorkItem) => void): SealOutputProcessManager {
  return new SealOutputProcessManager(store, unsealed, {
    add: async (queue, item) => add(queue, item),
  });
}
const ended = (taskId: string): RecordedEvent =>
  ({
    type: 'TaskEnded',
    data: { taskId, jobId: randomUUID(), status: 'success' },
  }) as unknown as RecordedEvent;

describe('sealing when a task has ended', () => {
  it('is queued for a task with many segments only, and noted before', async () => {
    const [much, little] = [randomUUID(), randomUUID()];
    await print(much, 40, 100);
    await print(little, 10, 100);
    const added: [string, WorkItem, string[]][] = [];
    const noted: Promise<void>[] = [];
    const manager = managerOf((queue, item) => {
      noted.push(unsealed.list(undefined, 10).then((ids) => void added.push([queue, item, ids])));
    });
    await manager.react(ended(little));
    await manager.react(ended(much));
    await Promise.all(noted);
    expect(added).toEqual([['seal-output', { key: much, payload: { taskId: much } }, [much]]]);
    await unsealed.forget(much);
  });

  it('is found by the reconciler until it is done, page by page', async () => {
    const tasks = Array.from({ length: 5 }, () => randomUUID()).sort();
    for (const task of [...tasks].reverse()) {
      await print(task, 20, 50);
      await managerOf(() => {
        throw new Error('the queue is away');
      })
        .react(ended(task))
        .catch(() => undefined);
    }
    const found: WorkItem<SealOutputWork>[] = [];
    for (let after: string | undefined; ; after = found.at(-1)!.key) {
      const page = await handler.waiting(after, 2);
      found.push(...page);
      if (page.length < 2) break;
    }
    expect(found).toEqual(tasks.map((taskId) => ({ key: taskId, payload: { taskId } })));
    for (const { payload } of found) await handler.perform(payload, AbortSignal.timeout(30_000));
    expect(await handler.waiting(undefined, 10)).toEqual([]);
    for (const task of tasks) expect(await segmentsOf(task)).toBe(1);
  });

  it('merges every scattered step of the task, can be repeated, and keeps every byte', async () => {
    const task = randomUUID();
    const [first, third] = [await print(task, 30, 6_000), await print(task, 50, 10, 2)];
    await print(task, 3, 10, 1);
    for (let i = 0; i < 2; i++) await handler.perform({ taskId: task }, AbortSignal.timeout(30_000));
    expect([await segmentsOf(task, 0), await segmentsOf(task, 1), await segmentsOf(task, 2)]).toEqual([
      1, 3, 1,
    ]);
    expect((await read(task)).equals(first)).toBe(true);
    expect((await buffer(await store.read(task, 2))).equals(third)).toBe(true);
  });

  it('that cannot be done leaves the output as it is, says so, and is not tried for ever', async () => {
    const task = randomUUID();
    const whole = await print(task, 20, 30);
    await unsealed.note(task);
    await handler.exhausted({ taskId: task }, new Error('the disk is full'));
    expect(await handler.waiting(undefined, 10)).toEqual([]);
    expect(warnings).toEqual([expect.objectContaining({ taskId: task, reason: 'the disk is full' })]);
    expect((await read(task)).equals(whole)).toBe(true);
  });
});

describe('sealing that is killed', () => {
  const program = fileURLToPath(
    new URL('../../../dist/src/execution/output/doomed-sealer.testing.js', import.meta.url),
  );

  /** Kills a sealer at one of its operations on blobs; true when it had ended before it came to that one. */
  async function sealAndDie(task: string, operation: number): Promise<boolean> {
    const env = { ...process.env, NODE_OPTIONS: '', DATABASE: test.url, BLOBS: root, TASK: task };
    const child = spawn(process.execPath, [program], {
      env: { ...env, DIE_AT: String(operation) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    if (signal === 'SIGKILL') return false;
    if (code !== 0 || !said.startsWith('sealed')) throw new Error(`the sealer ended with ${code}: ${said}`);
    return true;
  }

  it('at any operation loses and doubles no byte, not even for who reads meanwhile', async () => {
    const operations: boolean[] = [];
    for (let at = 1, done = false; !done; at++) {
      const task = randomUUID();
      const whole = await print(task, 5, 5_000);
      const during = await store.read(task, 0, 7);
      done = await sealAndDie(task, at);
      operations.push(done);
      expect((await buffer(during)).equals(whole.subarray(7))).toBe(true);
      expect((await read(task)).equals(whole)).toBe(true);
      // The next try goes on from whatever is there.
      await store.seal(task, 0);
      expect(await segmentsOf(task)).toBe(1);
      expect((await read(task)).equals(whole)).toBe(true);
    }
    // One put and 5 deletes, each killed in two places, then the one that ran through.
    expect(operations.length).toBe(2 * 6 + 1);
  }, 240_000);
});
