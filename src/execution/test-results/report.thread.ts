// The thread that reads test reports: bytes come in as it asks for them, results go out in pieces.
//
// Nothing is told of a report that is broken further down, and nothing large is kept. So results are kept while they are
// few; where they are many the report is read to its end first, and then again.
import { InvalidInputError } from '../../platform/errors/errors.js';
import { serveTasks, type Ask } from '../../platform/threads/index.js';
import { JUnitReader, type TestResult } from './junit/junit-reader.js';
import type { ReportAnswer, ReportOutcome, ReportQuestion } from './report.protocol.js';
import type { TestResultFacts } from './test-results.events.js';

type AskMain = Ask<ReportQuestion, ReportAnswer>;

const PIECE = 500;
const MAX_MESSAGE = 16 * 1024;
/** Characters of results that may be kept. */
const FEW = 8 * 1024 * 1024;

serveTasks<null, ReportOutcome, ReportQuestion, ReportAnswer>(async (_, ask) => {
  try {
    await read(ask);
    return {};
  } catch (error) {
    if (error instanceof InvalidInputError) return { unreadable: error.message };
    throw error;
  }
});

async function read(ask: AskMain): Promise<void> {
  let kept: TestResultFacts[] | undefined = [];
  let length = 0;
  let total = 0;
  for await (const result of resultsOf(ask)) {
    total += 1;
    length += lengthOf(result);
    if (length > FEW) kept = undefined;
    kept?.push(result);
  }
  if (!kept) await ask({ want: 'again' });
  const give = (first: number, results: TestResultFacts[]): Promise<unknown> =>
    ask({ want: 'take', first, last: first + results.length >= total, results });
  let first = 0;
  let piece: TestResultFacts[] = [];
  for await (const result of kept ?? resultsOf(ask)) {
    piece.push(result);
    if (piece.length < PIECE) continue;
    await give(first, piece);
    first += piece.length;
    piece = [];
  }
  // A report without a test case has one empty piece, which says that it was read.
  if (piece.length > 0 || total === 0) await give(first, piece);
}

async function* resultsOf(ask: AskMain): AsyncGenerator<TestResultFacts> {
  const found: TestResult[] = [];
  const reader = new JUnitReader((result) => found.push(result));
  for (;;) {
    const bytes = await ask({ want: 'bytes' });
    if (bytes) reader.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    else reader.end();
    yield* found.splice(0).map(asFacts);
    if (!bytes) return;
  }
}

function asFacts({ file = '', message, ...result }: TestResult): TestResultFacts {
  return { ...result, file, message: message.slice(0, MAX_MESSAGE).toWellFormed() };
}

function lengthOf({ classname, name, file, message }: TestResultFacts): number {
  return 100 + classname.length + name.length + file.length + message.length;
}
