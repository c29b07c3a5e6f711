// Facts about test reports. Stream `tests-<job id>`.
import { eventTypes, type EventOf } from '../../platform/event-store/event-of.js';

export interface TestResultFacts {
  classname: string;
  name: string;
  file: string;
  source: string;
  result: string;
  /** Seconds. */
  runTime: number;
  message: string;
}

/** A report file arrived; parsing it is queued work (DESIGN D7). */
export type TestReportUploaded = EventOf<
  'TestReportUploaded',
  {
    reportId: string;
    jobId: string;
    projectId: string;
    taskId: string;
    nodeIndex: number;
    path: string;
    blobKey: string;
    size: number;
  }
>;
/** What one report came to, in pieces of at most 500 results; `first` is the index of the first of them. */
export type TestResultsParsed = EventOf<
  'TestResultsParsed',
  { reportId: string; jobId: string; first: number; last: boolean; results: TestResultFacts[] }
>;
export type TestReportUnreadable = EventOf<
  'TestReportUnreadable',
  { reportId: string; jobId: string; path: string; message: string }
>;

export type TestResultsEvent = TestReportUploaded | TestResultsParsed | TestReportUnreadable;

export const testResultsEvents = eventTypes<TestResultsEvent>({
  TestReportUploaded: 'followed',
  TestResultsParsed: 'followed',
  TestReportUnreadable: 'followed',
});
