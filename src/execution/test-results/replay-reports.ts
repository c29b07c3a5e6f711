// Parsing test reports again, e.g. when a newer program reads more of them: as events, which the running server acts on.
import { requestContext, SYSTEM } from '../../platform/commands/command-context.js';
import { event } from '../../platform/event-store/event-of.js';
import {
  LOG_START,
  type EventStore,
  type NewEvent,
  type RecordedEvent,
} from '../../platform/event-store/event-store.port.js';
import { derivedId, newId } from '../../platform/ids/ids.js';
import type { TestReportUploaded, TestResultsEvent } from './test-results.events.js';

/**
 * Asks for every report that the log has now to be parsed again from its file, or for those of one job. Returns how many
 * there are. Results that come out the same stay as they are; done twice, it comes to the same.
 */
export async function replayTestReports(
  store: EventStore,
  { jobId, replayId = newId() }: { jobId?: string; replayId?: string } = {},
): Promise<number> {
  if (jobId !== undefined) return request(await store.readStream(`tests-${jobId}`));
  const head = await store.head();
  let reports = 0;
  for (let from = LOG_START, atEnd = false; !atEnd;) {
    const page = await store.readAll(from, { types: ['TestReportUploaded'] });
    reports += await request(page.events.filter(({ position }) => position <= head));
    from = page.next;
    // What is uploaded from here on is read by this program anyway.
    atEnd = page.atEnd || from > head;
  }
  return reports;

  async function request(recorded: readonly RecordedEvent[]): Promise<number> {
    const uploads = recorded.filter(({ type }) => type === 'TestReportUploaded');
    const streams = new Map<string, (RecordedEvent & TestReportUploaded)[]>();
    for (const upload of uploads as (RecordedEvent & TestReportUploaded)[]) {
      const own = streams.get(upload.stream) ?? [];
      own.push(upload);
      streams.set(upload.stream, own);
    }
    for (const [stream, own] of streams) {
      // They belong to the chain in which the reports were stored.
      const by = requestContext(SYSTEM, own[0]!.metadata.correlationId);
      await store.append(stream, 'any', own.map(requestFor), by);
    }
    return uploads.length;
  }

  function requestFor({ data }: TestReportUploaded): NewEvent {
    const { reportId, jobId: job, path, blobKey } = data;
    const requested = event<TestResultsEvent>('TestReportReplayRequested', {
      ...{ reportId, jobId: job, path, blobKey, replayId },
    });
    return { ...requested, id: derivedId(replayId, 'request', reportId) };
  }
}
