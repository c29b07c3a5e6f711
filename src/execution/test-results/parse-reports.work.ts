// Queued work: parse an uploaded test report and record its results (DESIGN D7).
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { BlobStore } from '../../platform/blobs/blob-store.port.js';
import { requestContext, SYSTEM } from '../../platform/commands/command-context.js';
import { InvalidInputError, messageOf } from '../../platform/errors/errors.js';
import type { EventStore, RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { ProcessManager } from '../../platform/followers/follower.types.js';
import { derivedId } from '../../platform/ids/ids.js';
import type { WorkHandler, WorkItem, WorkQueue } from '../../platform/queue/work-queue.port.js';
import { BLOB_STORE, EVENT_STORE, WORK_QUEUE } from '../../platform/tokens.js';
import { ReportReader, type ResultPiece } from './report-reader.js';
import { TestReportEntity } from './test-results.entity.js';
import type {
  TestReportReplayRequested,
  TestReportUploaded,
  TestResultsEvent,
} from './test-results.events.js';

export const TEST_REPORT_QUEUE = 'parse-test-report';
const UUID_LENGTH = 36;

export interface TestReportWork {
  reportId: string;
  jobId: string;
  path: string;
  blobKey: string;
  /** Of the replay that it is done for. */
  replayId?: string;
}

/** Puts each report that was uploaded, or is to be parsed again, on the queue. */
@Injectable()
export class TestReportProcessManager implements ProcessManager {
  readonly name = 'test-report-work';
  readonly eventTypes = ['TestReportUploaded', 'TestReportReplayRequested'] satisfies (
    TestReportUploaded | TestReportReplayRequested
  )['type'][];

  constructor(@Inject(WORK_QUEUE) private readonly queue: WorkQueue) {}

  async react(event: RecordedEvent): Promise<void> {
    const { type, data } = event as RecordedEvent & (TestReportUploaded | TestReportReplayRequested);
    const replayId = type === 'TestReportReplayRequested' ? data.replayId : null;
    const { reportId: id, jobId, path, blobKey } = data;
    await this.queue.add(TEST_REPORT_QUEUE, workItem({ id, jobId, path, blobKey, replayId }));
  }
}

@Injectable()
export class TestReportWorkHandler implements WorkHandler<TestReportWork> {
  readonly queue = TEST_REPORT_QUEUE;
  readonly concurrency = 1;
  // Seven minutes in all: a file store or a thread that does not come up is no fault of the report.
  readonly attempts = 12;
  readonly timeoutMs = 1_800_000;

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(BLOB_STORE) private readonly blobs: BlobStore,
    private readonly reader: ReportReader,
    private readonly database: DataSource,
  ) {}

  async perform(work: TestReportWork, signal: AbortSignal): Promise<void> {
    const { reportId, jobId, blobKey, replayId } = work;
    const take = ({ first, last, results }: ResultPiece): Promise<void> =>
      this.append(work, ['results', first], {
        type: 'TestResultsParsed',
        data: { reportId, jobId, first, last, results, ...(replayId && { replayId }) },
      });
    try {
      await this.reader.read(() => this.blobs.get(blobKey), take, signal);
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      await this.unreadable(work, error.message);
    }
  }

  async exhausted(work: TestReportWork, error: unknown): Promise<void> {
    const { reportId, jobId, replayId } = work;
    const message = messageOf(error);
    if (replayId === undefined) return this.unreadable(work, message);
    const data = { reportId, jobId, message, replayId };
    await this.append(work, ['failed'], { type: 'TestReportReplayFailed', data });
  }

  async waiting(after: string | undefined, limit: number): Promise<WorkItem<TestReportWork>[]> {
    const rows = this.database.manager
      .createQueryBuilder(TestReportEntity, 'report')
      // As its index has it.
      .where("(report.state = 'waiting' OR report.replay_id IS NOT NULL)")
      .orderBy('report.id')
      .limit(limit);
    if (after !== undefined) rows.andWhere('report.id > :id', { id: after.slice(0, UUID_LENGTH) });
    return (await rows.getMany()).map(workItem);
  }

  private unreadable(work: TestReportWork, message: string): Promise<void> {
    const { reportId, jobId, path, replayId } = work;
    const data = { reportId, jobId, path, message, ...(replayId && { replayId }) };
    return this.append(work, ['unreadable'], { type: 'TestReportUnreadable', data });
  }

  /** Once for each `key` of a report, and again for each replay. */
  private async append(
    { reportId, jobId, replayId }: TestReportWork,
    key: (string | number)[],
    event: TestResultsEvent,
  ): Promise<void> {
    const id = replayId === undefined ? derivedId(reportId, ...key) : derivedId(replayId, reportId, ...key);
    const stream = `tests-${jobId}`;
    // It belongs to the chain in which the job's first report was stored.
    const [first] = await this.store.readStream(stream, 0, 1);
    const by = requestContext(SYSTEM, first?.metadata.correlationId);
    await this.store.append(stream, 'any', [{ ...event, id }], by);
  }
}

type WaitingReport = Pick<TestReportEntity, 'id' | 'jobId' | 'path' | 'blobKey' | 'replayId'>;

function workItem({ id, jobId, path, blobKey, replayId }: WaitingReport): WorkItem<TestReportWork> {
  const payload = { reportId: id, jobId, path, blobKey };
  return replayId === null
    ? { key: id, payload }
    : { key: `${id}@${replayId}`, payload: { ...payload, replayId } };
}
