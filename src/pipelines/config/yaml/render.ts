// Nodes to YAML text in the layout of the original's output of 2019 and later: lists not indented, text with line feeds
// as `|` blocks, long lines not folded (outputs of 2018 folded them behind column 80).
import type { ConfigNode, MappingNode, ScalarNode, SequenceNode } from './node.js';
import { doubleQuoted, literal, singleQuoted } from './quote.js';
import { styleOf } from './scalar-style.js';

/** A longer key is written in the form `? key`, as readers look no further than this for the `:` of a key. */
const LONGEST_KEY = 128;

/** The text, ending in a line feed. Strings that YAML 1.1 would read as something else are quoted. */
export function renderYaml(node: ConfigNode): string {
  if (node.kind === 'scalar') return `${renderScalar(node, 2)}\n`;
  return `${inline(node) ?? block(node, 0)}\n`;
}

/** What stands on the line of its key or dash: scalars and empty collections. */
function inline(node: ConfigNode): string | undefined {
  if (node.kind === 'mapping') return node.entries.size === 0 ? '{}' : undefined;
  return node.kind === 'sequence' && node.items.length === 0 ? '[]' : undefined;
}

/** The lines of a collection that has entries; the first one without its indentation. */
function block(node: SequenceNode | MappingNode, indent: number): string {
  const lines =
    node.kind === 'sequence'
      ? node.items.map((item) => `- ${nested(item, indent + 2)}`)
      : [...node.entries].map(([key, value]) => `${renderKey(key, indent)}${valueOf(value, indent)}`);
  return lines.join(`\n${' '.repeat(indent)}`);
}

/** Behind a dash: collections begin on its line. */
function nested(node: ConfigNode, indent: number): string {
  if (node.kind === 'scalar') return renderScalar(node, indent);
  return inline(node) ?? block(node, indent);
}

/** Behind a key: mappings are indented below it, sequences are not. */
function valueOf(node: ConfigNode, indent: number): string {
  if (node.kind === 'scalar') return ` ${renderScalar(node, indent + 2)}`;
  const short = inline(node);
  if (short !== undefined) return ` ${short}`;
  const inner = node.kind === 'sequence' ? indent : indent + 2;
  return `\n${' '.repeat(inner)}${block(node, inner)}`;
}

function renderKey(key: string, indent: number): string {
  const text = renderText(key, 0, true);
  return text.length > LONGEST_KEY ? `? ${text}\n${' '.repeat(indent)}:` : `${text}:`;
}

function renderScalar({ value, isFloat }: ScalarNode, indent: number): string {
  if (typeof value === 'string') return renderText(value, indent, false);
  return typeof value === 'number' && isFloat ? floatText(value) : String(value);
}

function renderText(text: string, indent: number, isKey: boolean): string {
  switch (styleOf(text, isKey)) {
    case 'plain':
      return text;
    case 'single':
      return singleQuoted(text, indent);
    case 'double':
      return doubleQuoted(text);
    case 'literal':
      return literal(text, indent);
  }
}

/** As Java writes a double: `11.0`, and `1.0E7` from ten million on. */
export function floatText(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-3)) {
    const [digits = '', exponent] = value.toExponential().split('e');
    return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
