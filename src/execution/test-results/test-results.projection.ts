// The tables of test reports and results.
import {
  deleteRows,
  insertRows,
  updateRows,
  upsertRows,
  type RowWriter,
} from '../../platform/database/rows.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { Projection } from '../../platform/followers/follower.types.js';
import { TestReportEntity, TestResultEntity } from './test-results.entity.js';
import type { TestReportUploaded, TestResultsEvent, TestResultsParsed } from './test-results.events.js';

export class TestResultsProjection implements Projection {
  readonly name = 'test-results';
  readonly tables = ['test_report', 'test_result'];
  readonly eventTypes = [
    'TestReportUploaded',
    'TestReportReplayRequested',
    'TestResultsParsed',
    'TestReportUnreadable',
    'TestReportReplayFailed',
  ] satisfies TestResultsEvent['type'][];

  async project(events: readonly RecordedEvent[], db: RowWriter): Promise<void> {
    for (const recorded of events) {
      const { type, data } = recorded as RecordedEvent & TestResultsEvent;
      switch (type) {
        case 'TestReportUploaded':
          await insertRows(db, TestReportEntity, newReport(data, recorded.time));
          break;
        case 'TestReportReplayRequested':
          await updateRows(db, TestReportEntity, data.reportId, { replayId: data.replayId });
          break;
        case 'TestResultsParsed':
          await putResults(db, data);
          break;
        case 'TestReportUnreadable': {
          const { reportId, message, replayId } = data;
          await deleteRows(db, TestResultEntity, { reportId });
          await updateRows(db, TestReportEntity, reportId, { state: 'unreadable', message });
          await endReplay(db, reportId, replayId);
          break;
        }
        case 'TestReportReplayFailed':
          await endReplay(db, data.reportId, data.replayId);
      }
    }
  }
}

function newReport(data: TestReportUploaded['data'], createdAt: Date): TestReportEntity {
  const { reportId, jobId, projectId, nodeIndex, path, blobKey } = data;
  return {
    ...{ id: reportId, jobId, projectId, nodeIndex, path, blobKey },
    ...{ state: 'waiting', message: null, replayId: null, createdAt },
  };
}

/** Row by row in the place of those that a replay finds there, so that the results of a job are never gone. */
async function putResults(db: RowWriter, data: TestResultsParsed['data']): Promise<void> {
  const { reportId, jobId, first, last, results, replayId } = data;
  const rows = results.map((result, i) => ({ reportId, jobId, index: first + i, ...result }));
  await upsertRows(db, TestResultEntity, rows);
  if (!last) return;
  const next = first + results.length;
  await db.query('DELETE FROM "test_result" WHERE "report_id" = $1 AND "index" >= $2', [reportId, next]);
  await updateRows(db, TestReportEntity, reportId, { state: 'parsed', message: null });
  await endReplay(db, reportId, replayId);
}

/** Unless another replay was asked for meanwhile. */
async function endReplay(db: RowWriter, id: string, replayId: string | undefined): Promise<void> {
  if (replayId !== undefined) await updateRows(db, TestReportEntity, { id, replayId }, { replayId: null });
}
