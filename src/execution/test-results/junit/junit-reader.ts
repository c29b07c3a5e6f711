// Reads test reports in the forms of JUnit XML that test runners write (AGENT ), as a stream.
import { InvalidInputError, messageOf } from '../../../platform/errors/errors.js';
import { MAX_MESSAGE, type TestResult, type TextReader } from '../test-result.js';
import { parseRunTime } from './run-time.js';
import { XmlReader } from './xml-reader.js';

const NOT_RUN = new Set(['skipped', 'notrun', 'disabled', 'ignored', 'pending']);
const GENERATORS = [
  'rspec',
  'minitest',
  'cucumber',
  'jest',
  'mocha',
  'pytest',
  'playwright',
  'cypress',
  'phpunit',
];

type Attributes = ReadonlyMap<string, string>;

/** What stands around an element. */
type Around =
  | { in: 'suite'; file: string | undefined; source: string }
  | { in: 'case'; attributes: Attributes; file: string | undefined; source: string; notes: Notes }
  | { in: 'note'; note: Note }
  | { in: 'ignored' };

/** Of a test case: `flakyFailure` and `rerunFailure` are of other runs of it, and the last one counts. */
interface Notes {
  failures: Note[];
  skips: Note[];
  /** Characters in all of them. */
  length: number;
}

/** A failure, or a reason to skip. */
interface Note {
  notes: Notes;
  short: string;
  long: string;
}

const OUTSIDE: Around = { in: 'suite', file: undefined, source: 'unknown' };
const IGNORED: Around = { in: 'ignored' };

/**
 * Tells of each test case of a report when it has read it, in the report's order. Well-formed XML that is no JUnit report
 * has none.
 *
 * `write` and `end` throw InvalidInputError `TEST_RESULTS.NOT_XML` with the line where it is not well-formed.
 */
export class JUnitReader implements TextReader {
  private readonly around: Around[] = [OUTSIDE];
  private readonly xml: XmlReader;

  constructor(private readonly tell: (result: TestResult) => void) {
    this.xml = new XmlReader({
      open: (name, attributes) => this.around.push(this.entered(name, attributes)),
      close: () => this.left(),
      text: (text) => this.text(text),
    });
  }

  write(text: string): void {
    orNotXml(() => this.xml.write(text));
  }

  end(): void {
    orNotXml(() => this.xml.end());
  }

  private entered(name: string, attributes: Attributes): Around {
    const around = this.around.at(-1)!;
    if (around.in === 'suite') {
      const file = attributes.get('file') || around.file;
      const { source } = around;
      if (name === 'testcase')
        return { in: 'case', attributes, file, source, notes: { failures: [], skips: [], length: 0 } };
      if (name === 'testsuites' || name === 'testsuite')
        return { in: 'suite', file, source: source === 'unknown' ? generatorOf(attributes) : source };
    }
    if (around.in === 'case' && ['failure', 'error', 'skipped'].includes(name)) {
      const { notes } = around;
      const short = (attributes.get('message') ?? '').trim().slice(0, MAX_MESSAGE);
      const note = { notes, short, long: '' };
      // Each counts for the result; for the message, only so many as it can hold.
      (name === 'skipped' ? notes.skips : notes.failures).push(isFull(notes) ? { ...note, short: '' } : note);
      notes.length += short.length + 1;
      return { in: 'note', note };
    }
    return IGNORED;
  }

  private text(text: string): void {
    const around = this.around.at(-1)!;
    if (around.in !== 'note') return;
    const { note } = around;
    if (note.long.length > MAX_MESSAGE || isFull(note.notes)) return;
    const more = note.long === '' ? text.trimStart() : text;
    note.long += more.slice(0, MAX_MESSAGE + 1);
    note.notes.length += more.length;
  }

  private left(): void {
    const left = this.around.pop()!;
    if (left.in !== 'case') return;
    const { attributes, file, source, notes } = left;
    const status = (attributes.get('status') ?? attributes.get('result') ?? '').toLowerCase();
    const failed = notes.failures.length > 0;
    const skipped = notes.skips.length > 0 || NOT_RUN.has(status);
    this.tell({
      classname: attributes.get('classname') ?? attributes.get('class') ?? '',
      ...(file ? { file } : {}),
      name: attributes.get('name') ?? '',
      source,
      result: failed ? 'failure' : skipped ? 'skipped' : 'success',
      runTime: parseRunTime(attributes.get('time')),
      message: (failed ? notes.failures : notes.skips)
        .map(messageIn)
        .filter(Boolean)
        .join('\n')
        .slice(0, MAX_MESSAGE)
        .toWellFormed(),
    });
  }
}

/** The text of a failure, led by its `message` when the text does not hold it already. */
function messageIn({ short, long }: Note): string {
  const text = long.trim();
  return text.includes(short) ? text : `${short}\n${text}`.trim();
}

function isFull(notes: Notes): boolean {
  return notes.length > 2 * MAX_MESSAGE;
}

/** The generators write their name into the name of the outermost suite: `rspec`, `jest tests`, `Mocha Tests`. */
function generatorOf(suite: Attributes): string {
  const first = /^[a-z]+/.exec((suite.get('name') ?? '').toLowerCase())?.[0] ?? '';
  return GENERATORS.includes(first) ? first : 'unknown';
}

function orNotXml(read: () => void): void {
  try {
    read();
  } catch (error) {
    const reason = messageOf(error).slice(0, 300);
    throw new InvalidInputError('TEST_RESULTS.NOT_XML', `The test report is not valid XML: ${reason}`);
  }
}
