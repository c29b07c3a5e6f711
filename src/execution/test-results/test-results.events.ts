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
/** A report is to be parsed again, from the file as it was uploaded. `replayId`: of the replay, which is of many reports. */
export type TestReportReplayRequested = EventOf<
  'TestReportReplayRequested',
  { reportId: string; jobId: string; path: string; blobKey: string; replayId: string }
>;
/**
 * What one report came to, in pieces of at most 500 results; `first` is the index of the first of them. Those of a replay
 * take the place of what there was.
 */
export type TestResultsParsed = EventOf<
  'TestResultsParsed',
  {
    reportId: string;
    jobId: string;
    first: number;
    last: boolean;
    results: TestResultFacts[];
    replayId?: string;
  }
>;
/** The file is no test report, and has no results. */
export type TestReportUnreadable = EventOf<
  'TestReportUnreadable',
  { reportId: string; jobId: string; path: string; message: string; replayId?: string }
>;
/** A report could not be parsed again, e.g. because its file is gone. What was known of it stands. */
export type TestReportReplayFailed = EventOf<
  'TestReportReplayFailed',
  { reportId: string; jobId: string; message: string; replayId: string }
>;

export type TestResultsEvent =
  | TestReportUploaded
  | TestReportReplayRequested
  | TestResultsParsed
  | TestReportUnreadable
  | TestReportReplayFailed;

export const testResultsEvents = eventTypes<TestResultsEvent>({
  TestReportUploaded: 'followed',
  TestReportReplayRequested: 'followed',
  TestResultsParsed: 'followed',
  TestReportUnreadable: 'followed',
  TestReportReplayFailed: 'followed',
});
