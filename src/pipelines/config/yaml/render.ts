// Nodes to YAML text in the layout of the original's output: lists not indented, `|` blocks, folded at 80 columns.
import { Document, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { ConfigNode } from './node.js';
import { resolvePlainScalar } from './scalar.js';

/** The text, ending in a line feed. Strings that YAML 1.1 would read as something else are quoted. */
export function renderYaml(node: ConfigNode): string {
  const document = new Document(undefined, { version: '1.1', schema: 'failsafe', merge: false });
  document.contents = build(node);
  // The directive belongs to the version and is not printed by the original.
  document.directives = undefined;
  return document.toString({
    indentSeq: false,
    lineWidth: 80,
    singleQuote: true,
    aliasDuplicateObjects: false,
  } as never);
}

function build(node: ConfigNode): Scalar | YAMLMap | YAMLSeq {
  switch (node.kind) {
    case 'scalar':
      return buildScalar(node.value, node.isFloat === true);
    case 'sequence': {
      const list = new YAMLSeq();
      list.items = node.items.map(build);
      if (node.items.length === 0) list.flow = true;
      return list;
    }
    case 'mapping': {
      const map = new YAMLMap();
      map.items = [...node.entries].map(([key, value]) => new Pair(buildScalar(key, false), build(value)));
      if (node.entries.size === 0) map.flow = true;
      return map;
    }
  }
}

/** What YAML 1.1 takes for something else than text when it is not quoted: dates, the merge key, the default value. */
const TYPED_ELSEWHERE = /^(?:\d{4}-\d\d?-\d\d?(?:[Tt\s].*)?|<<|=)$/;

/** Spaces that a `|` block would lose: at the end of a line, and at the start of the first line that is not empty. */
const LOST_IN_BLOCK = / (?:\n|$)|^\n* /;

/** The schema knows strings only, so that the types are decided here, by the same rules as in parsing. */
function buildScalar(value: string | number | boolean | null, isFloat: boolean): Scalar {
  if (typeof value !== 'string') {
    const plain = new Scalar(isFloat && Number.isInteger(value) ? `${String(value)}.0` : String(value));
    plain.type = 'PLAIN';
    return plain;
  }
  const result = new Scalar(value);
  if (value.includes('\n')) result.type = LOST_IN_BLOCK.test(value) ? 'QUOTE_DOUBLE' : 'BLOCK_LITERAL';
  else if (resolvePlainScalar(value).value !== value || TYPED_ELSEWHERE.test(value))
    result.type = 'QUOTE_SINGLE';
  return result;
}
