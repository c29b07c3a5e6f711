// The thread that reads test reports: bytes come in as it asks for them, results go out in pieces.
//
// Nothing is told of a report that is broken further down, and nothing large is kept. So results are kept while they are
// few; where they are many the report is read to its end first, and then again.
import { InvalidInputError } from '../../platform/errors/errors.js';
import { serveTasks, type Ask } from '../../platform/threads/index.js';
import { ReportParser } from './report-parser.js';
import type { ReportAnswer, ReportOutcome, ReportQuestion } from './report.protocol.js';
import { copyOf } from './report-text.js';
import type { TestResult } from './test-result.js';
import type { TestResultFacts } from './test-results.events.js';

type AskMain = Ask<ReportQuestion, ReportAnswer>;

/** So many results, or so many characters of them, are a piece. */
const PIECE = 500;
const PIECE_LENGTH = 1024 * 1024;
/** Characters. */
const MAX_NAME = 4 * 1024;
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
  let kept: TestResult[] | undefined = [];
  let length = 0;
  let total = 0;
  for await (const found of resultsOf(ask)) {
    for (const result of found) {
      total += 1;
      length += lengthOf(result);
      if (length > FEW) kept = undefined;
      kept?.push(asFacts(result));
    }
  }
  if (!kept) await ask({ want: 'again' });
  let first = 0;
  let piece: TestResultFacts[] = [];
  let pieceLength = 0;
  const give = async (): Promise<void> => {
    await ask({ want: 'take', first, last: first + piece.length >= total, results: piece });
    first += piece.length;
    piece = [];
    pieceLength = 0;
  };
  for await (const found of kept ? [kept] : resultsOf(ask)) {
    for (const result of found) {
      piece.push(asFacts(result));
      pieceLength += lengthOf(result);
      if (piece.length >= PIECE || pieceLength >= PIECE_LENGTH) await give();
    }
  }
  // A report without a test case has one empty piece, which says that it was read.
  if (piece.length > 0 || total === 0) await give();
}

/** The results in each piece of the file. */
async function* resultsOf(ask: AskMain): AsyncGenerator<TestResult[]> {
  const found: TestResult[] = [];
  const parser = new ReportParser((result) => found.push(result));
  for (;;) {
    const bytes = await ask({ want: 'bytes' });
    if (bytes) parser.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    else parser.end();
    yield found.splice(0);
    if (!bytes) return;
  }
}

function asFacts({ classname, name, file = '', message, ...rest }: TestResult): TestResultFacts & TestResult {
  return {
    ...rest,
    classname: cut(classname, MAX_NAME),
    name: cut(name, MAX_NAME),
    file: cut(file, MAX_NAME),
    message: cut(message, MAX_MESSAGE),
  };
}

function cut(text: string, length: number): string {
  return copyOf(text.slice(0, length).toWellFormed());
}

function lengthOf({ classname, name, file = '', message }: TestResult): number {
  return 100 + classname.length + name.length + file.length + Math.min(message.length, MAX_MESSAGE);
}
