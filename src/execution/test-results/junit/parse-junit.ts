// Reads JUnit XML in the many forms that test tools write (AGENT A-110 to A-115).
import { XMLParser } from 'fast-xml-parser';
import { InvalidInputError, messageOf } from '../../../platform/errors/errors.js';

export interface TestResult {
  classname: string;
  name: string;
  file?: string;
  /** The tool, where the report names it; `unknown` otherwise. */
  source: string;
  /** `<error>` counts as a failure: the API has no word of its own for it. */
  result: 'success' | 'failure' | 'skipped';
  /** Seconds. */
  runTime: number;
  /** Text of the failure or the reason for skipping. */
  message: string;
}

const MAX_BYTES = 64 * 1024 * 1024;
const MAX_DEPTH = 100;
const ATTRIBUTES = ':@';
const TEXT = '#text';

/** One element as the parser gives it with `preserveOrder`: its name as the key of its children. */
type Node = Record<string, unknown>;

/**
 * The test cases of a report, in its order. An empty report has none. Throws InvalidInputError when it is too large or
 * is no XML, saying why.
 */
export function parseJUnit(report: Buffer): TestResult[] {
  if (report.length > MAX_BYTES)
    throw new InvalidInputError('TEST_REPORT.SIZE', `the report has more than ${MAX_BYTES} bytes`);
  const text = decode(report).trim();
  if (text === '') return [];
  if (!text.startsWith('<')) throw new InvalidInputError('TEST_REPORT.XML', 'the report is not XML');
  const results: TestResult[] = [];
  for (const node of parse(text)) collect(node, {}, 0, results);
  return results;
}

function parse(text: string): Node[] {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    // Only the five entities of XML and character references: a report cannot blow itself up.
    processEntities: {
      enabled: true,
      maxTotalExpansions: 10_000_000,
      maxExpandedLength: MAX_BYTES,
      maxEntityCount: 0,
    },
    htmlEntities: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
  });
  try {
    return parser.parse(text, true) as Node[];
  } catch (error) {
    throw new InvalidInputError('TEST_REPORT.XML', `the report is not well-formed XML: ${messageOf(error)}`);
  }
}

/** By the declared encoding, or a byte order mark; control characters that XML forbids are dropped. */
function decode(report: Buffer): string {
  const head = report.subarray(0, 200).toString('latin1');
  const declared =
    /^\s*(?:\xef\xbb\xbf)?<\?xml[^>]*encoding=["']([A-Za-z0-9._-]+)["']/.exec(head)?.[1] ?? 'utf-8';
  const marked =
    report[0] === 0xff && report[1] === 0xfe
      ? 'utf-16le'
      : report[0] === 0xfe && report[1] === 0xff
        ? 'utf-16be'
        : declared;
  let decoder: InstanceType<typeof TextDecoder>;
  try {
    decoder = new TextDecoder(marked);
  } catch {
    decoder = new TextDecoder('utf-8');
  }
  // eslint-disable-next-line no-control-regex -- these are the characters to be dropped
  return decoder.decode(report).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
}

interface Inherited {
  file?: string;
  suite?: string;
}

function collect(node: Node, inherited: Inherited, depth: number, into: TestResult[]): void {
  if (depth > MAX_DEPTH)
    throw new InvalidInputError('TEST_REPORT.DEPTH', `the report is nested deeper than ${MAX_DEPTH} levels`);
  const name = elementName(node);
  if (name === undefined) return;
  const attributes = attributesOf(node);
  if (name === 'testcase') {
    into.push(testCase(node, attributes, inherited));
    return;
  }
  if (name !== 'testsuite' && name !== 'testsuites') return;
  const next: Inherited = {
    file: attributes['file'] ?? inherited.file,
    suite: attributes['name'] ?? inherited.suite,
  };
  for (const child of childrenOf(node, name)) collect(child, next, depth + 1, into);
}

function testCase(node: Node, attributes: Record<string, string>, inherited: Inherited): TestResult {
  const children = childrenOf(node, 'testcase');
  const find = (...names: string[]): Node | undefined =>
    children.find((child) => names.includes(elementName(child) ?? ''));
  const failure = find('failure', 'error');
  const skipped = failure ? undefined : find('skipped');
  const file = attributes['file'] ?? inherited.file;
  return {
    classname: attributes['classname'] ?? attributes['class'] ?? inherited.suite ?? '',
    name: attributes['name'] ?? '',
    ...(file === undefined || file === '' ? {} : { file }),
    source: 'unknown',
    result: failure ? 'failure' : skipped ? 'skipped' : 'success',
    runTime: seconds(attributes['time']),
    message: failure ? messageIn(failure) : skipped ? messageIn(skipped) : '',
  };
}

/** The element's text; its `message` attribute when it has none. */
function messageIn(node: Node): string {
  const text = textOf(childrenOf(node, elementName(node)!)).trim();
  return text === '' ? (attributesOf(node)['message'] ?? '') : text;
}

/** `1.5`, and `1,234.5` as some locales write it; 0 for anything else. */
function seconds(time: string | undefined): number {
  const value = Number((time ?? '').replaceAll(',', ''));
  return Number.isFinite(value) && value > 0 ? value : 0;
}

function elementName(node: Node): string | undefined {
  return Object.keys(node).find((key) => key !== ATTRIBUTES && key !== TEXT);
}

function childrenOf(node: Node, name: string): Node[] {
  const children = node[name];
  return Array.isArray(children) ? (children as Node[]) : [];
}

function attributesOf(node: Node): Record<string, string> {
  return (node[ATTRIBUTES] as Record<string, string> | undefined) ?? {};
}

function textOf(nodes: Node[]): string {
  return nodes.map((node) => (TEXT in node ? String(node[TEXT]) : '')).join('');
}
