// YAML in the layout of the official client, whose writer (Go's yaml.v3) indents by four and counts the dash of a list's
// item as two of the next four.
import { stringify } from 'yaml';
import { resolvePlainScalar } from '../../pipelines/config/yaml/scalar.js';

const STEP = 4;

/** The text of a value of maps, lists and scalars, ending in a line feed. */
export function printYaml(value: unknown): string {
  const text = isBlock(value) ? collection(value, 0) : flat(value, 0);
  return text.endsWith('\n') ? text : `${text}\n`;
}

type Collection = unknown[] | Record<string, unknown>;

function isCollection(value: unknown): value is Collection {
  return value !== null && typeof value === 'object';
}

function isEmpty(value: Collection): boolean {
  return Object.keys(value).length === 0;
}

/** The next multiple of four: from inside a list's item that is two further, not four. */
function deeper(indent: number): number {
  return STEP * Math.floor((indent + STEP) / STEP);
}

/** Lines of a collection that is not empty; the first one has no indentation, as something may stand before it. */
function collection(value: Collection, indent: number): string {
  const pad = ' '.repeat(indent);
  const parts = Array.isArray(value)
    ? value.map((item) => `- ${isBlock(item) ? collection(item, indent + 2) : `${flat(item, indent + 2)}\n`}`)
    : Object.entries(value).map(([key, item]) => `${scalar(key, indent)}:${member(item, deeper(indent))}`);
  return parts.join(pad);
}

function isBlock(value: unknown): value is Collection {
  return isCollection(value) && !isEmpty(value);
}

function member(value: unknown, indent: number): string {
  return isBlock(value) ? `\n${' '.repeat(indent)}${collection(value, indent)}` : ` ${flat(value, indent)}\n`;
}

function flat(value: unknown, indent: number): string {
  if (isCollection(value)) return Array.isArray(value) ? '[]' : '{}';
  return scalar(value, indent);
}

/** What a block would lose or cannot hold: spaces at an end, a start that is no plain line, characters to escape. */
const NOT_FOR_BLOCK = /^[\s]|[ \t](?:\n|$)|[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd]/;

function scalar(value: unknown, indent: number): string {
  if (typeof value !== 'string') return value === undefined ? 'null' : String(value);
  if (value.includes('\n')) return NOT_FOR_BLOCK.test(value) ? JSON.stringify(value) : block(value, indent);
  // Words such as `on` are text here and must stay text for readers of YAML 1.1.
  if (resolvePlainScalar(value).value !== value) return JSON.stringify(value);
  return stringify(value, { version: '1.2', lineWidth: 0, singleQuote: true }).trimEnd();
}

function block(text: string, indent: number): string {
  const chomping = !text.endsWith('\n') ? '-' : text.endsWith('\n\n') ? '+' : '';
  const lines = text.replace(/\n$/, '').split('\n');
  const pad = ' '.repeat(indent);
  return [`|${chomping}`, ...lines.map((line) => (line === '' ? '' : pad + line))].join('\n');
}
