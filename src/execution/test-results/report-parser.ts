// Reads a test report of any kind as a stream: JUnit XML or Cucumber JSON (AGENT A-111).
import { InvalidInputError } from '../../platform/errors/errors.js';
import { CucumberReader } from './cucumber/cucumber-reader.js';
import { JUnitReader } from './junit/junit-reader.js';
import { ReportDecoder } from './report-text.js';
import { MAX_REPORT_BYTES } from './report.limits.js';
import type { TestResult, TextReader } from './test-result.js';

/**
 * Tells of each test case of a report, in the report's order. What begins with `[` or `{` is JSON, else it is XML,
 * whatever the file is called. An empty file (the tool crashed) has no results.
 *
 * `write` and `end` throw InvalidInputError: `TEST_RESULTS.TOO_LARGE` beyond 256 MiB, `TEST_RESULTS.NOT_XML` and
 * `TEST_RESULTS.NOT_JSON` with the line where it is not well-formed.
 */
export class ReportParser {
  private readonly decoder = new ReportDecoder();
  private reader: TextReader | undefined;
  private bytes = 0;

  constructor(private readonly tell: (result: TestResult) => void) {}

  write(bytes: Buffer): void {
    this.bytes += bytes.length;
    if (this.bytes > MAX_REPORT_BYTES) {
      throw new InvalidInputError(
        'TEST_RESULTS.TOO_LARGE',
        `The test report is larger than ${MAX_REPORT_BYTES / 1024 / 1024} MiB.`,
      );
    }
    this.read(this.decoder.write(bytes));
  }

  end(): void {
    this.read(this.decoder.end());
    this.reader?.end();
  }

  private read(text: string): void {
    this.reader ??= this.readerOf(text.trimStart()[0]);
    this.reader?.write(text);
  }

  private readerOf(first: string | undefined): TextReader | undefined {
    if (first === undefined) return undefined;
    return first === '[' || first === '{' ? new CucumberReader(this.tell) : new JUnitReader(this.tell);
  }
}

/** All results of a report that is in memory. Throws as ReportParser does. */
export function parseReport(bytes: Buffer): TestResult[] {
  const results: TestResult[] = [];
  const parser = new ReportParser((result) => results.push(result));
  parser.write(bytes);
  parser.end();
  return results;
}
