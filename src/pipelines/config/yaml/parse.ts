// YAML text to nodes with places. Aliases, merge keys and YAML 1.1 scalars are resolved here, before any template (C-009).
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Alias, Document, Node, Pair, Scalar, YAMLMap } from 'yaml';
import { ConfigFault, fault, type Place } from '../problems/fault.js';
import { pointerPart } from '../problems/place.js';
import type { Budget } from '../problems/limits.js';
import { mapping, scalar, sequence, type ConfigNode, type MappingNode } from './node.js';
import { resolvePlainScalar } from './scalar.js';
import { flattenFlows } from './diagnose/flatten-flows.js';
import { faultOf, parseFault } from './parse-fault.js';

/**
 * Parses one document; `file` is its name, for places. Throws a ConfigFault `Unable to parse YAML` with line and column
 * (LANGUAGE C-007). Anchors may be redefined: an alias means the latest definition before it (C-367).
 */
export function parseYaml(source: string, budget: Budget, file?: string): ConfigNode {
  try {
    return parse(source, budget, file);
  } catch (error) {
    if (!(error instanceof ConfigFault) || file === undefined) throw error;
    throw new ConfigFault(error.problems.map((problem) => ({ file, ...problem })));
  }
}

function parse(source: string, budget: Budget, file: string | undefined): ConfigNode {
  if (source.length > budget.limits.sourceLength) throw budget.tooLarge('sourceLength', 'characters');
  const lines = new LineCounter();
  let document = readDocument(source, lines, budget);
  // SnakeYAML lets collections in brackets go on at any indentation, this parser does not.
  const flattened = document.errors[0]?.code === 'BAD_INDENT' ? flattenFlows(source) : undefined;
  if (flattened !== undefined) document = readDocument(flattened, undefined, budget);
  const error = document.errors[0];
  if (error?.message === STACK_EXHAUSTED) throw tooDeep(budget);
  if (error) throw parseFault(source, error.message, error.pos[0]);
  return new Builder(source, lines, budget, file).build(document.contents, '#');
}

/** How the parser reports that it used up the stack, which it does far beyond our own limit. */
const STACK_EXHAUSTED = 'Maximum call stack size exceeded';

function readDocument(source: string, lineCounter: LineCounter | undefined, budget: Budget): Document.Parsed {
  try {
    return parseDocument(source, {
      ...(lineCounter && { lineCounter }),
      prettyErrors: false,
      schema: 'failsafe',
      version: '1.1',
      merge: false,
      strict: false,
      uniqueKeys: false,
      // Quieter than this and a second document would be ignored.
      logLevel: 'error',
    });
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep(budget);
    throw error;
  }
}

function tooDeep(budget: Budget, at?: Place): ConfigFault {
  const levels = `${budget.limits.depth} levels${budget.limitText('depth')}`;
  return fault(`The config is nested too deeply: it has more than ${levels}`, at);
}

/** Tags whose meaning is that of the plain text, or of the kind of node that they stand on. */
const KNOWN_TAGS = new Set([
  '!',
  'str',
  'int',
  'float',
  'bool',
  'null',
  'timestamp',
  'map',
  'seq',
  'merge',
  'value',
]);

class Builder {
  private readonly anchors = new Map<string, Node>();
  private readonly targets = new Map<Alias, Node>();
  private readonly open = new Set<Node>();

  constructor(
    private readonly source: string,
    private readonly lines: LineCounter,
    private readonly budget: Budget,
    private readonly file: string | undefined,
  ) {}

  build(node: Node | null | undefined, pointer: string): ConfigNode {
    if (!node) return scalar(null, { file: this.file, pointer });
    if (isAlias(node)) return this.buildAlias(node, pointer);
    this.remember(node);
    const at = this.place(node, pointer);
    this.budget.take('nodes', 1, 'values after its aliases are expanded', at);
    this.checkTag(node);
    if (isScalar(node)) return this.buildScalar(node, at);
    this.open.add(node);
    if (this.open.size > this.budget.limits.depth)
      throw tooDeep(this.budget, { line: at.line, column: at.column });
    const built = isSeq(node)
      ? sequence(
          node.items.map((item, index) => this.build(item as Node | null, `${pointer}/${index}`)),
          at,
        )
      : this.buildMapping(node as YAMLMap, at);
    this.open.delete(node);
    return built;
  }

  private place(node: Node, pointer: string): Place {
    const position = this.lines.linePos(node.range?.[0] ?? 0);
    return { file: this.file, line: position.line, column: position.col, pointer };
  }

  private fault(problem: string, node: Node | null): ConfigFault {
    return faultOf(this.source, { problem, at: node?.range?.[0] ?? 0 });
  }

  private remember(node: Node): void {
    const anchor = (node as { anchor?: string }).anchor;
    if (anchor !== undefined) this.anchors.set(anchor, node);
  }

  private checkTag(node: Node): void {
    const tag = tagOf(node);
    if (tag === undefined || KNOWN_TAGS.has(tag)) return;
    throw this.fault(`could not determine a constructor for the tag ${(node as Scalar).tag}`, node);
  }

  /** What an alias means is fixed when it is first met, so a later redefinition does not change an earlier block. */
  private target(alias: Alias): Node {
    const known = this.targets.get(alias) ?? this.anchors.get(alias.source);
    if (!known) throw this.fault(`found undefined alias ${alias.source}`, alias);
    if (this.open.has(known)) throw this.fault(`found recursive alias ${alias.source}`, alias);
    this.targets.set(alias, known);
    return known;
  }

  private buildAlias(alias: Alias, pointer: string): ConfigNode {
    return this.build(this.target(alias), pointer);
  }

  private buildScalar(node: Scalar, at: Place): ConfigNode {
    const text = typeof node.value === 'string' ? node.value : String(node.value ?? '');
    const tag = tagOf(node);
    const isQuoted = node.type !== undefined && node.type !== 'PLAIN';
    if (tag === 'str' || tag === '!' || (isQuoted && tag === undefined)) return scalar(text, at);
    const { value, isFloat } = resolvePlainScalar(text);
    return scalar(value, at, isFloat);
  }

  /** Merge as SnakeYAML does it: in place, own keys win over merged ones, the first of several merges wins (C-368). */
  private buildMapping(node: YAMLMap, at: Place): MappingNode {
    const result = mapping([], at);
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      if (isScalar(pair.key) && pair.key.value === '<<' && (pair.key.type ?? 'PLAIN') === 'PLAIN') {
        this.merge(pair.value, result, at);
        continue;
      }
      const key = this.keyText(pair.key);
      const pointer = `${at.pointer}/${pointerPart(key)}`;
      result.entries.set(key, this.build(pair.value, pointer));
      if (pair.key) result.keys.set(key, this.place(pair.key, pointer));
    }
    return result;
  }

  private keyText(key: Node | null): string {
    if (!key) return '';
    const node = isAlias(key) ? this.target(key) : key;
    this.remember(node);
    if (isScalar(node)) return String(node.value ?? '');
    throw this.fault('expected a scalar as the key of a mapping', node);
  }

  private merge(value: Node | null, into: MappingNode, at: Place): void {
    const node = value && isAlias(value) ? this.target(value) : value;
    if (node && isSeq(node)) {
      this.remember(node);
      for (const item of node.items as (Node | null)[]) this.merge(item, into, at);
      return;
    }
    if (!node || !isMap(node)) {
      const found = node ? 'scalar' : 'null';
      throw this.fault(`expected a mapping or list of mappings for merging, but found ${found}`, value);
    }
    const merged = this.build(node, at.pointer ?? '#') as MappingNode;
    for (const [key, child] of merged.entries) {
      if (into.entries.has(key)) continue;
      into.entries.set(key, child);
      const place = merged.keys.get(key);
      if (place) into.keys.set(key, place);
    }
  }
}

/** The explicit tag of a node, without the prefix that YAML's own tags have. */
function tagOf(node: Node): string | undefined {
  return (node as { tag?: string }).tag?.replace('tag:yaml.org,2002:', '');
}
