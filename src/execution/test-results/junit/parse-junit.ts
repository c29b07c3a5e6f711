// Reads test reports in the forms of JUnit XML that test runners write (AGENT ).
import { XMLParser, XMLValidator } from 'fast-xml-parser';

import { InvalidInputError, messageOf } from '../../../platform/errors/errors.js';
import { decodeXml, unescapeXml } from './decode-xml.js';
import { parseRunTime } from './run-time.js';

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

export const MAX_REPORT_BYTES = 64 * 1024 * 1024;
const MAX_MESSAGE = 64 * 1024;
const MAX_NESTING = 200;
/** Large, and not used: dropped while parsing. */
const DROPPED = new Set(['system-out', 'system-err', 'properties']);
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

/** An element as the parser gives it: its children under its name, its attributes under `:@`, or a text. */
type Node = Record<string, unknown>;

// preserveOrder: all siblings are lists, whether one or many. No entities: those a file defines are an attack, and XML's
// own are replaced by unescapeXml.
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  allowBooleanAttributes: true,
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  cdataPropName: 'cdata',
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: MAX_NESTING,
  updateTag: (name) => (DROPPED.has(name) ? false : name),
});

/**
 * The test cases of a report, in its order. An empty file (the tool crashed) and well-formed XML that is no JUnit report
 * have none.
 * @throws InvalidInputError `TEST_RESULTS.TOO_LARGE` beyond 64 MiB, `TEST_RESULTS.NOT_XML` when it cannot be parsed
 */
export function parseJUnit(xml: Buffer): TestResult[] {
  if (xml.length > MAX_REPORT_BYTES) {
    throw new InvalidInputError('TEST_RESULTS.TOO_LARGE', 'The test report is larger than 64 MiB.');
  }
  try {
    const text = decodeXml(xml);
    if (text.trim() === '') return [];
    const valid = XMLValidator.validate(text, { allowBooleanAttributes: true });
    if (valid !== true) throw new Error(`line ${valid.err.line}: ${valid.err.msg}`);
    const roots = parser.parse(text) as Node[];
    if (roots.filter((node) => elementOf(node) !== '#text').length > 1)
      throw new Error('more than one root element');
    const results: TestResult[] = [];
    collect(roots, { source: 'unknown' }, results);
    return results;
  } catch (error) {
    const reason = messageOf(error).slice(0, 300);
    throw new InvalidInputError('TEST_RESULTS.NOT_XML', `The test report is not valid XML: ${reason}`);
  }
}

interface Inherited {
  file?: string;
  source: string;
}

function collect(nodes: Node[], inherited: Inherited, results: TestResult[]): void {
  for (const node of nodes) {
    const name = elementOf(node);
    if (name === 'testcase') results.push(testCase(node, inherited));
    if (name !== 'testsuites' && name !== 'testsuite') continue;
    const file = attribute(node, 'file') || inherited.file;
    const source = inherited.source === 'unknown' ? generatorOf(attribute(node, 'name')) : inherited.source;
    collect(childrenOf(node), { file, source }, results);
  }
}

function testCase(node: Node, inherited: Inherited): TestResult {
  const children = childrenOf(node);
  const named = (...names: string[]) => children.filter((child) => names.includes(elementOf(child) ?? ''));
  const failures = named('failure', 'error');
  const skips = named('skipped');
  const status = (attribute(node, 'status') ?? attribute(node, 'result') ?? '').toLowerCase();
  const skipped = skips.length > 0 || NOT_RUN.has(status);
  // flakyFailure and rerunFailure are of other runs of the case: the last one counts, and it has no such name.
  const result: TestOutcome = failures.length > 0 ? 'failure' : skipped ? 'skipped' : 'success';
  const file = attribute(node, 'file') || inherited.file;
  return {
    classname: attribute(node, 'classname') ?? attribute(node, 'class') ?? '',
    ...(file ? { file } : {}),
    name: attribute(node, 'name') ?? '',
    source: inherited.source,
    result,
    runTime: parseRunTime(attribute(node, 'time')),
    message: (failures.length > 0 ? failures : skips)
      .map(messageIn)
      .filter(Boolean)
      .join('\n')
      .slice(0, MAX_MESSAGE),
  };
}

/** The text of a failure, led by its `message` when the text does not hold it already. */
function messageIn(node: Node): string {
  const short = (attribute(node, 'message') ?? '').trim();
  const long = textOf(node).trim();
  return long.includes(short) ? long : `${short}\n${long}`.trim();
}

/** The generators write their name into the name of the outermost suite: `rspec`, `jest tests`, `Mocha Tests`. */
function generatorOf(suite: string | undefined): string {
  const first = /^[a-z]+/.exec((suite ?? '').toLowerCase())?.[0] ?? '';
  return GENERATORS.includes(first) ? first : 'unknown';
}

function elementOf(node: Node): string | undefined {
  return Object.keys(node).find((key) => key !== ':@');
}

function childrenOf(node: Node): Node[] {
  const children = node[elementOf(node) ?? ''];
  return Array.isArray(children) ? (children as Node[]) : [];
}

function attribute(node: Node, name: string): string | undefined {
  const attributes = node[':@'] as Record<string, unknown> | undefined;
  const value = attributes && Object.hasOwn(attributes, name) ? attributes[name] : undefined;
  return value === undefined ? undefined : unescapeXml(String(value));
}

/** Text of CDATA sections is not escaped, that outside of them is. */
function textOf(node: Node): string {
  return childrenOf(node)
    .map((child) => {
      if (typeof child['#text'] === 'string') return unescapeXml(child['#text']);
      return elementOf(child) === 'cdata'
        ? childrenOf(child)
            .map((inner) => String(inner['#text'] ?? ''))
            .join('')
        : '';
    })
    .join('');
}
