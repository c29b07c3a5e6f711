// What the readers of all kinds of reports tell of a test case.

/** The API knows these three: a case that ended in `<error>` is a `failure` like one in `<failure>`. */
export type TestOutcome = 'success' | 'failure' | 'skipped';

export interface TestResult {
  classname: string;
  /** Absent when neither the case nor a suite around it has one; then only the class name can be used. */
  file?: string;
  name: string;
  /** The generator of the report, as far as it can be told, e.g. `rspec`; else `unknown`. */
  source: string;
  result: TestOutcome;
  /** Seconds; 0 when the report has none. */
  runTime: number;
  /** Text of the failure or of the reason to skip, at most 64 Ki characters; else empty. */
  message: string;
}

/** Characters. */
export const MAX_MESSAGE = 64 * 1024;

/** Reads a report as text that comes in pieces. InvalidInputError where it is not well-formed. */
export interface TextReader {
  write(text: string): void;
  end(): void;
}
