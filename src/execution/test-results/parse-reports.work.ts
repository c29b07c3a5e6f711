// Queued work: parse an uploaded test report and record its results (DESIGN D7).
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, MoreThan } from 'typeorm';
import type { BlobStore } from '../../platform/blobs/blob-store.port.js';
import { requestContext, SYSTEM } from '../../platform/commands/command-context.js';
import { InvalidInputError, messageOf } from '../../platform/errors/errors.js';
import type { EventStore, NewEvent, RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { ProcessManager } from '../../platform/followers/follower.types.js';
import { derivedId } from '../../platform/ids/ids.js';
import type { WorkHandler, WorkItem, WorkQueue } from '../../platform/queue/work-queue.port.js';
import { BLOB_STORE, EVENT_STORE, WORK_QUEUE } from '../../platform/tokens.js';
import { ReportReader, type ResultPiece } from './report-reader.js';
import { TestReportEntity } from './test-results.entity.js';
import type { TestReportUploaded, TestResultsEvent } from './test-results.events.js';

export const TEST_REPORT_QUEUE = 'parse-test-report';

export interface TestReportWork {
  reportId: string;
  jobId: string;
  path: string;
  blobKey: string;
}

/** Puts each uploaded report on the queue. */
@Injectable()
export class TestReportProcessManager implements ProcessManager {
  readonly name = 'test-report-work';
  readonly eventTypes = ['TestReportUploaded'] satisfies TestReportUploaded['type'][];

  constructor(@Inject(WORK_QUEUE) private readonly queue: WorkQueue) {}

  async react(event: RecordedEvent): Promise<void> {
    const { reportId, jobId, path, blobKey } = (event as RecordedEvent & TestReportUploaded).data;
    await this.queue.add<TestReportWork>(TEST_REPORT_QUEUE, {
      key: reportId,
      payload: { reportId, jobId, path, blobKey },
    });
  }
}

@Injectable()
export class TestReportWorkHandler implements WorkHandler<TestReportWork> {
  readonly queue = TEST_REPORT_QUEUE;
  readonly concurrency = 1;
  readonly attempts = 4;
  readonly timeoutMs = 600_000;

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(BLOB_STORE) private readonly blobs: BlobStore,
    private readonly reader: ReportReader,
    private readonly database: DataSource,
  ) {}

  async perform(work: TestReportWork, signal: AbortSignal): Promise<void> {
    const { reportId, jobId, blobKey } = work;
    const take = ({ first, last, results }: ResultPiece): Promise<void> =>
      this.append(work, {
        id: derivedId(reportId, 'results', first),
        type: 'TestResultsParsed',
        data: { reportId, jobId, first, last, results },
      });
    try {
      await this.reader.read(() => this.blobs.get(blobKey), take, signal);
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      await this.unreadable(work, error.message);
    }
  }

  exhausted(work: TestReportWork, error: unknown): Promise<void> {
    return this.unreadable(work, messageOf(error));
  }

  async waiting(after: string | undefined, limit: number): Promise<WorkItem<TestReportWork>[]> {
    const rows = await this.database.manager.find(TestReportEntity, {
      where: { state: 'waiting', ...(after === undefined ? {} : { id: MoreThan(after) }) },
      order: { id: 'ASC' },
      take: limit,
    });
    return rows.map(({ id, jobId, path, blobKey }) => ({
      key: id,
      payload: { reportId: id, jobId, path, blobKey },
    }));
  }

  private unreadable({ reportId, jobId, path }: TestReportWork, message: string): Promise<void> {
    const data = { reportId, jobId, path, message };
    return this.append(
      { jobId },
      { id: derivedId(reportId, 'unreadable'), type: 'TestReportUnreadable', data },
    );
  }

  private async append({ jobId }: { jobId: string }, event: NewEvent & TestResultsEvent): Promise<void> {
    const stream = `tests-${jobId}`;
    // It belongs to the chain in which the job's first report was stored.
    const [first] = await this.store.readStream(stream, 0, 1);
    const by = requestContext(SYSTEM, first?.metadata.correlationId);
    await this.store.append(stream, 'any', [event], by);
  }
}
