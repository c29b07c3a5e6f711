// What the thread that reads a test report and the main thread say to each other.
import type { TestResultFacts } from './test-results.events.js';

/** `again`: the next bytes are those of the report's beginning. `take`: the last piece has `last`. */
export type ReportQuestion =
  | { want: 'bytes' }
  | { want: 'again' }
  | { want: 'take'; first: number; last: boolean; results: TestResultFacts[] };

/** The next bytes; undefined at the end, and to what asks for none. */
export type ReportAnswer = Uint8Array | undefined;

/** Why a report is no test report; undefined for one that is. */
export type ReportOutcome = { unreadable?: string };
