// From uploaded files to the tables, on PostgreSQL, the real queue and real files: parsed once, late, or again.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { DataSource } from 'typeorm';
import { migrations } from '../../../migrations/index.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { until } from '../../../test/support/until.js';
import { DirectoryBlobStore } from '../../platform/blobs/directory-blob-store.js';
import { requestContext, SYSTEM } from '../../platform/commands/command-context.js';
import { openDatabase } from '../../platform/database/data-source.js';
import { event } from '../../platform/event-store/event-of.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import { PostgresEventStore } from '../../platform/event-store/postgres/postgres-event-store.js';
import { FollowerHost } from '../../platform/followers/follower-host.js';
import { rebuildProjection } from '../../platform/followers/rebuild.js';
import { newId } from '../../platform/ids/ids.js';
import { BullWorkQueue } from '../../platform/queue/index.js';
import { makeLogger } from '../../platform/telemetry/logger.js';
import type { JobFacts } from '../jobs/job.events.js';
import { TEST_REPORT_QUEUE, TestReportProcessManager, TestReportWorkHandler } from './parse-reports.work.js';
import { replayTestReports } from './replay-reports.js';
import { ReportLimits, ReportReader } from './report-reader.js';
import { TestReports } from './test-reports.js';
import { TestReportEntity, TestResultEntity } from './test-results.entity.js';
import type { TestResultsEvent } from './test-results.events.js';
import { TestResultsProjection } from './test-results.projection.js';

const logger = makeLogger({ level: 'fatal', format: 'json' });
const url = new URL('../../../dist/src/execution/test-results/report.thread.js', import.meta.url);

let test: TestDatabase;
let database: DataSource;
let store: PostgresEventStore;
let blobs: DirectoryBlobStore;
let root: string;
let reader: ReportReader;
let reports: TestReports;
let handler: TestReportWorkHandler;
let running: { stop(): Promise<void> }[];

beforeAll(async () => {
  test = await createTestDatabase();
  const entities = [TestReportEntity, TestResultEntity];
  database = await openDatabase({ url: test.url, poolSize: 4, entities, migrations });
  store = await PostgresEventStore.open({ url: test.url });
  root = await mkdtemp(join(tmpdir(), 'reports-'));
  blobs = await DirectoryBlobStore.open(root);
  reader = new ReportReader({ ...new ReportLimits(), url });
  reports = new TestReports(store, blobs);
  handler = new TestReportWorkHandler(store, blobs, reader, database);
}, 60_000);
afterAll(async () => {
  await reader?.onApplicationShutdown();
  await database?.destroy();
  await store?.close();
  await test?.drop();
  if (root) await rm(root, { recursive: true, force: true });
});
beforeEach(() => {
  running = [];
});
afterEach(async () => {
  for (const each of running.reverse()) await each.stop();
});

const newJob = (): JobFacts => ({ jobId: newId(), projectId: newId(), taskIds: [newId()] }) as JobFacts;

async function upload(job: JobFacts, path: string, text: string): Promise<void> {
  const content = Readable.from([Buffer.from(text)]);
  await reports.save({ job, taskId: job.taskIds[0]!, step: 1, path }, content, requestContext(SYSTEM));
}
const junit = (...names: string[]): string =>
  `<testsuite>${names.map((name) => `<testcase name="${name}"/>`).join('')}</testsuite>`;
const CUCUMBER = JSON.stringify([
  { name: 'F', uri: 'f.feature', elements: [{ type: 'scenario', name: 's', steps: [] }] },
]);

/** What writes the tables. */
function project(): FollowerHost {
  const host = new FollowerHost(store, database, test.url, logger);
  host.addProjection(new TestResultsProjection());
  host.start();
  running.push(host);
  return host;
}

/** What parses: the process manager and the queue's worker. With `manager: false` only the reconciler finds work. */
async function parse({ manager = true } = {}): Promise<void> {
  const queue = new BullWorkQueue({
    databaseUrl: test.url,
    logger,
    reconcileEveryMs: manager ? 60_000 : 100,
  });
  queue.register(handler);
  queue.checkHandlers([TEST_REPORT_QUEUE]);
  await queue.start();
  running.push({ stop: () => queue.stop(10_000) });
  if (!manager) return;
  const host = new FollowerHost(store, database, test.url, logger);
  host.addProcessManager(new TestReportProcessManager(queue));
  host.start();
  running.push(host);
}

const reportsOf = ({ jobId }: JobFacts): Promise<TestReportEntity[]> =>
  database.manager.find(TestReportEntity, { where: { jobId }, order: { path: 'ASC' } });
const resultsOf = ({ jobId }: JobFacts): Promise<TestResultEntity[]> =>
  database.manager.find(TestResultEntity, { where: { jobId }, order: { reportId: 'ASC', index: 'ASC' } });
const namesOf = async (job: JobFacts): Promise<string[]> =>
  (await resultsOf(job)).map(({ name }) => name).sort();
const typesOf = async ({ jobId }: JobFacts): Promise<string[]> =>
  (await store.readStream(`tests-${jobId}`)).map(({ type }) => type);

async function states(job: JobFacts, wanted: Record<string, string>): Promise<void> {
  let last: Record<string, string> = {};
  await until('the reports to be parsed', 60_000, async () => {
    const rows = await reportsOf(job);
    last = Object.fromEntries(rows.map(({ path, state, replayId }) => [path, replayId ? 'replay' : state]));
    return JSON.stringify(last) === JSON.stringify(wanted) || undefined;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${JSON.stringify(last)}`);
  });
}

/** What an older program made of the reports of a job: one result with this name each. */
async function parsedOtherwise(job: JobFacts, count: number): Promise<void> {
  const { jobId } = job;
  const old = { classname: '', file: '', source: 'old', result: 'success', runTime: 0, message: '' };
  for (const { id: reportId } of await reportsOf(job)) {
    const results = Array.from({ length: count }, (_, i) => ({ ...old, name: `old ${i}` }));
    await store.append(
      `tests-${jobId}`,
      'any',
      [event<TestResultsEvent>('TestResultsParsed', { reportId, jobId, first: 0, last: true, results })],
      requestContext(SYSTEM),
    );
  }
  await until('the old results', 20_000, async () => (await namesOf(job)).includes('old 0') || undefined);
}

describe('reports', () => {
  it('that arrive while nobody parses are parsed when somebody does, each once', async () => {
    project();
    const job = newJob();
    await upload(job, 'a.xml', junit('one', 'two'));
    await upload(job, 'b.json', CUCUMBER);
    await upload(job, 'c.xml', '<testsuite>');
    await upload(job, 'd.xml', '');
    await states(job, { 'a.xml': 'waiting', 'b.json': 'waiting', 'c.xml': 'waiting', 'd.xml': 'waiting' });

    await parse();
    await states(job, { 'a.xml': 'parsed', 'b.json': 'parsed', 'c.xml': 'unreadable', 'd.xml': 'parsed' });
    expect(await namesOf(job)).toEqual(['one', 's', 'two']);
    const [, , broken] = await reportsOf(job);
    expect(broken!.message).toBe('The test report is not valid XML: line 1: Unclosed root tag');
    expect((await typesOf(job)).sort()).toEqual([
      'TestReportUnreadable',
      ...Array.from({ length: 4 }, () => 'TestReportUploaded'),
      ...Array.from({ length: 3 }, () => 'TestResultsParsed'),
    ]);
  }, 120_000);

  it('that no queue knows of are found in the tables', async () => {
    project();
    const job = newJob();
    await upload(job, 'a.xml', junit('one'));
    await states(job, { 'a.xml': 'waiting' });
    await parse({ manager: false });
    await states(job, { 'a.xml': 'parsed' });
    expect(await namesOf(job)).toEqual(['one']);
  }, 120_000);

  it('delivered twice are recorded once', async () => {
    const host = project();
    const job = newJob();
    const names = Array.from({ length: 1200 }, (_, i) => `case ${i}`);
    await upload(job, 'a.xml', junit(...names));
    await states(job, { 'a.xml': 'waiting' });
    const { payload } = (await handler.waiting(undefined, 10))[0]!;
    for (let i = 0; i < 2; i += 1) await handler.perform(payload, AbortSignal.timeout(60_000));
    await host.caughtUp(await store.head(), ['TestResultsParsed'], 20_000);
    expect(await namesOf(job)).toEqual(names.sort());
    expect(await typesOf(job)).toEqual([
      'TestReportUploaded',
      ...names.slice(0, 3).map(() => 'TestResultsParsed'),
    ]);
    expect(await handler.waiting(undefined, 10)).toEqual([]);
  }, 120_000);
});

describe('a replay', () => {
  it('parses everything again, in the place of what there was, however often', async () => {
    project();
    await parse();
    const job = newJob();
    const other = newJob();
    await upload(job, 'a.xml', junit('one', 'two'));
    await upload(job, 'b.xml', '<testsuite>');
    await upload(other, 'c.json', CUCUMBER);
    await states(job, { 'a.xml': 'parsed', 'b.xml': 'unreadable' });
    await states(other, { 'c.json': 'parsed' });
    const before = [
      await resultsOf(job),
      await resultsOf(other),
      await reportsOf(job),
      await reportsOf(other),
    ];
    await parsedOtherwise(job, 3);

    const count = await replayTestReports(store);
    expect(count).toBe(await database.manager.count(TestReportEntity));
    const asItWas = async (): Promise<void> => {
      await states(job, { 'a.xml': 'parsed', 'b.xml': 'unreadable' });
      await states(other, { 'c.json': 'parsed' });
      expect([
        await resultsOf(job),
        await resultsOf(other),
        await reportsOf(job),
        await reportsOf(other),
      ]).toEqual(before);
    };
    await replayed(job, 2);
    await replayed(other, 1);
    await asItWas();
    expect(await replayTestReports(store, { jobId: job.jobId })).toBe(2);
    await replayed(job, 4);
    await asItWas();
    expect((await typesOf(other)).filter((type) => type === 'TestReportReplayRequested')).toHaveLength(1);

    // The tables made anew from the log are the same.
    const all = [await database.manager.find(TestReportEntity, { order: { id: 'ASC' } })];
    await rebuildProjection(new TestResultsProjection(), store, database);
    expect([await database.manager.find(TestReportEntity, { order: { id: 'ASC' } })]).toEqual(all);
    await asItWas();
  }, 180_000);

  it('asked for twice with one id is asked for once', async () => {
    const job = newJob();
    await upload(job, 'a.xml', junit('one'));
    const replayId = newId();
    for (let i = 0; i < 2; i += 1) await replayTestReports(store, { jobId: job.jobId, replayId });
    expect(await typesOf(job)).toEqual(['TestReportUploaded', 'TestReportReplayRequested']);
    const [uploaded, requested] = await store.readStream(`tests-${job.jobId}`);
    expect(requested!.metadata.correlationId).toBe(uploaded!.metadata.correlationId);
  });

  it('is found in the tables, page by page, and replaces longer results by shorter ones', async () => {
    const host = project();
    const job = newJob();
    for (const path of ['a.xml', 'b.xml', 'c.xml']) await upload(job, path, junit(path));
    await until('the reports', 20_000, async () => (await reportsOf(job)).length === 3 || undefined);
    await parsedOtherwise(job, 700);
    const replayId = newId();
    await replayTestReports(store, { jobId: job.jobId, replayId });
    await states(job, { 'a.xml': 'replay', 'b.xml': 'replay', 'c.xml': 'replay' });
    // What stands there can be read until the new results take its place.
    expect(await namesOf(job)).toHaveLength(2100);
    const ids = (await reportsOf(job)).map(({ id }) => id).sort();
    const items = [];
    for (let after: string | undefined; ;) {
      const page = await handler.waiting(after, 1);
      if (page.length === 0) break;
      items.push(...page);
      after = page.at(-1)!.key;
    }
    const own = items.filter(({ payload }) => payload.jobId === job.jobId);
    expect(own.map(({ key }) => key)).toEqual(ids.map((id) => `${id}@${replayId}`));
    for (const { payload } of own) await handler.perform(payload, AbortSignal.timeout(60_000));
    await host.caughtUp(await store.head(), ['TestResultsParsed'], 20_000);
    expect(await namesOf(job)).toEqual(['a.xml', 'b.xml', 'c.xml']);
  }, 120_000);

  it('of a file that is gone leaves what was known', async () => {
    const host = project();
    const job = newJob();
    await upload(job, 'a.xml', junit('one'));
    await until('the report', 20_000, async () => (await reportsOf(job)).length === 1 || undefined);
    await parsedOtherwise(job, 2);
    await replayTestReports(store, { jobId: job.jobId });
    await states(job, { 'a.xml': 'replay' });
    const { payload } = (await handler.waiting(undefined, 500)).find(
      (item) => item.payload.jobId === job.jobId,
    )!;
    await blobs.delete(payload.blobKey);
    const failure: unknown = await handler
      .perform(payload, AbortSignal.timeout(60_000))
      .catch((e: unknown) => e);
    expect(failure).toBeInstanceOf(Error);
    await handler.exhausted(payload, failure);
    await host.caughtUp(await store.head(), ['TestReportReplayFailed'], 20_000);
    await states(job, { 'a.xml': 'parsed' });
    expect(await namesOf(job)).toEqual(['old 0', 'old 1']);
    const last = (await store.readStream(`tests-${job.jobId}`)).at(-1) as RecordedEvent & TestResultsEvent;
    expect(last.type).toBe('TestReportReplayFailed');
  }, 120_000);
});

/** Waits until so many replays of reports of a job have been done. */
async function replayed(job: JobFacts, times: number): Promise<void> {
  await until('the replay', 60_000, async () => {
    const events = (await store.readStream(`tests-${job.jobId}`)) as (RecordedEvent & TestResultsEvent)[];
    const ends = events.filter(
      ({ type, data }) =>
        type !== 'TestReportReplayRequested' && 'replayId' in data && (!('last' in data) || data.last),
    );
    return ends.length >= times || undefined;
  });
}
