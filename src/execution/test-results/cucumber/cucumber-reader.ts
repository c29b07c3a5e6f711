// Reads the JSON that Cucumber writes (Ruby, JVM, JavaScript, behave and others; AGENT A-111), as a stream: of a report,
// only the scenario that is being read and the results of its feature are kept.
import { InvalidInputError, messageOf } from '../../../platform/errors/errors.js';
import { copyOf, withoutIllegal } from '../report-text.js';
import { MAX_MESSAGE, type TestOutcome, type TestResult, type TextReader } from '../test-result.js';
import { JsonReader } from './json-reader.js';

/** What of a report is kept; pictures, tables, tags and output are not. */
type Kept = string | number | boolean | null | Kept[] | Fields;
interface Fields {
  [key: string]: Kept;
}

const KEYS = new Set([
  ...['uri', 'name', 'elements', 'type', 'keyword', 'steps', 'before', 'after'],
  ...['result', 'status', 'duration', 'error_message'],
]);
/**
 * Cucumber of today is strict: a step that nobody has written, or that is only begun, fails the run. Its own JUnit
 * reports say so, too.
 */
const FAILED = new Set(['failed', 'ambiguous', 'undefined', 'pending', 'unknown']);
const NANOSECONDS = 1e9;

interface Frame {
  /** Undefined: nothing inside is kept. */
  value: Kept[] | Fields | undefined;
  key: string;
}

/** A step or a hook that ran, or did not. */
interface Run {
  status: string;
  seconds: number;
  message: string;
}

/**
 * Tells of each scenario when its feature has been read, in the report's order: the feature's name as `classname`, its
 * `uri` as the file, the times of all steps and hooks together. The steps of a background count for the scenario behind
 * it. Well-formed JSON that is no Cucumber report has no results.
 *
 * `write` and `end` throw InvalidInputError `TEST_RESULTS.NOT_JSON` with the line where it is not well-formed.
 */
export class CucumberReader implements TextReader {
  private readonly frames: Frame[] = [];
  private readonly json: JsonReader;
  /** Of the feature that is being read; its name and file may stand behind them. */
  private results: TestResult[] = [];
  private background: Run[] = [];

  constructor(private readonly tell: (result: TestResult) => void) {
    this.json = new JsonReader({
      open: (kind) => this.frames.push({ key: '', value: this.beginning(kind) }),
      close: () => this.close(),
      key: (name) => (this.frames.at(-1)!.key = name),
      value: (value) => {
        if (!this.isKept()) return;
        this.keep(typeof value === 'string' ? copyOf(withoutIllegal(value)) : value);
      },
    });
  }

  write(text: string): void {
    orNotJson(() => this.json.write(text));
  }

  end(): void {
    orNotJson(() => this.json.end());
  }

  /** In the order `[features]`, `{feature}`, `[elements]`, `{element}`. */
  private beginning(kind: '{' | '['): Frame['value'] {
    const isWanted = this.frames.length === 0 ? kind === '[' : this.isKept();
    if (!isWanted) return undefined;
    return kind === '{' ? {} : [];
  }

  /** True for a value that comes now and may be needed. */
  private isKept(): boolean {
    const parent = this.frames.at(-1);
    if (!parent) return false;
    return parent.value !== undefined && (Array.isArray(parent.value) || KEYS.has(parent.key));
  }

  private close(): void {
    const { value } = this.frames.pop()!;
    if (value === undefined) return;
    const depth = this.frames.length;
    if (depth === 1) this.feature(value);
    else if (depth === 3 && this.frames[1]!.key === 'elements') this.element(value);
    else if (depth > 3) this.keep(value);
  }

  private keep(value: Kept): void {
    const { value: parent, key } = this.frames.at(-1) ?? { value: undefined, key: '' };
    // The list of features and those of their elements are told, not kept.
    if (Array.isArray(parent)) {
      if (this.frames.length > 3) parent.push(value);
    } else if (parent) parent[key] = value;
  }

  private element(given: Kept): void {
    const { name, type, keyword, ...parts } = fieldsOf(given);
    const runs = [...runsIn(parts.before), ...listOf(parts.steps).flatMap(stepRuns), ...runsIn(parts.after)];
    if (type === 'background' || (type === undefined && keyword === 'Background')) {
      this.background.push(...runs);
      return;
    }
    if (typeof name !== 'string' || (type === undefined && !Array.isArray(parts.steps))) return;
    const all = [...this.background, ...runs];
    this.background = [];
    const result = outcomeOf(all);
    this.results.push({
      ...{ classname: '', name, source: 'cucumber', result },
      runTime: all.reduce((sum, { seconds }) => sum + seconds, 0),
      message: result === 'failure' ? messageIn(all) : '',
    });
  }

  private feature(given: Kept): void {
    const { name, uri } = fieldsOf(given);
    const file = textOf(uri);
    for (const result of this.results)
      this.tell({ ...result, classname: textOf(name), ...(file ? { file } : {}) });
    this.results = [];
    this.background = [];
  }
}

function stepRuns(given: Kept): Run[] {
  const step = fieldsOf(given);
  return [...runsIn(step.before), runOf(step), ...runsIn(step.after)];
}

function runsIn(hooks: Kept | undefined): Run[] {
  return listOf(hooks).map((hook) => runOf(fieldsOf(hook)));
}

function runOf({ keyword, name, result }: Fields): Run {
  const { status, duration, error_message } = fieldsOf(result);
  const nanoseconds = typeof duration === 'number' && duration > 0 ? duration : 0;
  const step = `${textOf(keyword)}${textOf(name)}`.trim();
  const kind = textOf(status).toLowerCase() || 'skipped';
  return {
    status: kind,
    seconds: nanoseconds / NANOSECONDS,
    message: textOf(error_message).trim() || (step === '' ? kind : `${kind}: ${step}`),
  };
}

function outcomeOf(runs: readonly Run[]): TestOutcome {
  if (runs.some(({ status }) => FAILED.has(status))) return 'failure';
  return runs.some(({ status }) => status === 'skipped') ? 'skipped' : 'success';
}

function messageIn(runs: readonly Run[]): string {
  const messages = runs.filter(({ status }) => FAILED.has(status)).map(({ message }) => message);
  return messages.join('\n').slice(0, MAX_MESSAGE).toWellFormed();
}

function fieldsOf(value: Kept | undefined): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

function listOf(value: Kept | undefined): Kept[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: Kept | undefined): string {
  return typeof value === 'string' ? value : '';
}

function orNotJson(read: () => void): void {
  try {
    read();
  } catch (error) {
    const reason = messageOf(error).slice(0, 300);
    throw new InvalidInputError('TEST_RESULTS.NOT_JSON', `The test report is not valid JSON: ${reason}`);
  }
}
