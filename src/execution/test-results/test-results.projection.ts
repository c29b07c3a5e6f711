// The tables of test reports and results.
import { insertRows, updateRows, type RowWriter } from '../../platform/database/rows.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { Projection } from '../../platform/followers/follower.types.js';
import { TestReportEntity, TestResultEntity } from './test-results.entity.js';
import type { TestResultsEvent } from './test-results.events.js';

export class TestResultsProjection implements Projection {
  readonly name = 'test-results';
  readonly tables = ['test_report', 'test_result'];
  readonly eventTypes = [
    'TestReportUploaded',
    'TestResultsParsed',
    'TestReportUnreadable',
  ] satisfies TestResultsEvent['type'][];

  async project(events: readonly RecordedEvent[], db: RowWriter): Promise<void> {
    for (const recorded of events) {
      const { type, data } = recorded as RecordedEvent & TestResultsEvent;
      switch (type) {
        case 'TestReportUploaded': {
          const { reportId, jobId, projectId, nodeIndex, path, blobKey } = data;
          const row = {
            id: reportId,
            jobId,
            projectId,
            nodeIndex,
            path,
            blobKey,
            state: 'waiting',
            message: null,
            createdAt: recorded.time,
          } as const;
          await insertRows(db, TestReportEntity, row);
          break;
        }
        case 'TestResultsParsed': {
          const { reportId, jobId, first, last, results } = data;
          const rows = results.map((result, i) => ({ reportId, jobId, index: first + i, ...result }));
          if (rows.length > 0) await insertRows(db, TestResultEntity, rows);
          if (last) await updateRows(db, TestReportEntity, reportId, { state: 'parsed' });
          break;
        }
        case 'TestReportUnreadable':
          await updateRows(db, TestReportEntity, data.reportId, {
            state: 'unreadable',
            message: data.message,
          });
      }
    }
  }
}
