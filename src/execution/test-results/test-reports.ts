// Test reports: taken in from agents at once, parsed as queued work.
import type { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import type { BlobStore } from '../../platform/blobs/blob-store.port.js';
import type { EventMetadata, EventStore } from '../../platform/event-store/event-store.port.js';
import { derivedId } from '../../platform/ids/ids.js';
import { BLOB_STORE, EVENT_STORE } from '../../platform/tokens.js';
import type { JobFacts } from '../jobs/job.events.js';
import { MAX_REPORT_BYTES } from './report.limits.js';
import type { TestReportUploaded } from './test-results.events.js';

@Injectable()
export class TestReports {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(BLOB_STORE) private readonly blobs: BlobStore,
  ) {}

  /** Keeps one report file. Sent again for the same task, step and path, the earlier one stands. */
  async save(
    at: { job: JobFacts; taskId: string; step: number; path: string },
    content: Readable,
    by: EventMetadata,
  ): Promise<void> {
    const { job, taskId, step, path } = at;
    const reportId = derivedId(taskId, 'report', step, path);
    const blobKey = `test-reports/${job.jobId}/${reportId}`;
    const { size } = await this.blobs.put(blobKey, content, { limit: MAX_REPORT_BYTES });
    const nodeIndex = job.taskIds.indexOf(taskId);
    const data: TestReportUploaded['data'] = {
      reportId,
      jobId: job.jobId,
      projectId: job.projectId,
      taskId,
      nodeIndex,
      path,
      blobKey,
      size,
    };
    await this.store.append(
      `tests-${job.jobId}`,
      'any',
      [{ id: reportId, type: 'TestReportUploaded', data }],
      by,
    );
  }
}
