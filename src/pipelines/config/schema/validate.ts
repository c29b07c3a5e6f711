// Checks a node against a schema; what is wrong comes back as the original's tree of violations (LANGUAGE C-013, C-015).
import { didYouMean } from '../problems/suggest.js';
import { entriesOf, mapping, placeOf, textOf, type ConfigNode, type MappingNode } from '../yaml/node.js';
import { describeInput, found, isTemplate, typeOf } from './describe.js';
import type {
  ChoiceSchema,
  ListSchema,
  MapSchema,
  NumberSchema,
  Schema,
  TextSchema,
} from './schema.types.js';
import { together, violation, type Violation } from './violation.js';

/** After this many violations only the branch in hand is followed to its end: the report of a hopeless file is bounded. */
const ENOUGH = 1000;

interface Context {
  /** A string with `<<` in it may become anything, and passes for everything. */
  templates: boolean;
  /** Commands of the config or orb at hand, which may redefine built-in steps. */
  commands: ReadonlySet<string>;
  /** The command whose definition is at hand: inside itself its name means the built-in step. */
  inside?: string;
  counter: { violations: number };
}

/** The first level of what is wrong, or undefined. */
export function validate(
  schema: Schema,
  node: ConfigNode,
  { templates }: { templates: boolean },
): Violation | undefined {
  return check(schema, node, { templates, commands: new Set(), counter: { violations: 0 } }, false);
}

/** `underKey`: the value of a key; without a value it counts as an empty map where a map is expected. */
function check(schema: Schema, node: ConfigNode, context: Context, underKey: boolean): Violation | undefined {
  if (context.templates && isTemplate(node)) return undefined;
  switch (schema.kind) {
    case 'any':
      return undefined;
    case 'named':
      return check(schema.schema(), node, context, underKey);
    case 'string':
      return checkText(schema, node, context);
    case 'integer':
    case 'number':
      return checkNumber(schema, node, context);
    case 'boolean':
      return typeOf(node) === 'Boolean' ? undefined : wrongType(schema, node, context);
    case 'null':
      return typeOf(node) === 'Null' ? undefined : wrongType(schema, node, context);
    case 'list':
      return checkList(schema, node, context);
    case 'map':
      return checkMap(schema, node, context, underKey);
    case 'required':
      return missingKeys(schema.keys, node, schema, context)[0];
    case 'exclusive':
      return checkExclusive(schema.keys, node, context);
    default:
      return checkChoice(schema, node, context, underKey);
  }
}

function report(context: Context, node: ConfigNode, text: string, more: Partial<Violation> = {}): Violation {
  context.counter.violations += 1;
  return violation(node, text, more);
}

const TYPES = {
  string: ['String', 'string'],
  integer: ['Integer', 'integer'],
  number: ['Number', 'number'],
  boolean: ['Boolean', 'boolean'],
  null: ['Null', 'null'],
  list: ['Sequence', 'array'],
  map: ['Mapping', 'object'],
} as const;

function wrongType(
  schema: Schema & { kind: keyof typeof TYPES },
  node: ConfigNode,
  context: Context,
): Violation {
  const [name, keyword] = TYPES[schema.kind];
  return report(context, node, `expected type: ${name}, found: ${found(node)}`, {
    notes: [...noteOf(schema), ...describeInput(`type: ${keyword}`, node)],
  });
}

function noteOf({ note }: Schema): string[] {
  return note === undefined ? [] : [note];
}

function checkText(schema: TextSchema, node: ConfigNode, context: Context): Violation | undefined {
  const text = textOf(node);
  if (schema.values && (text === undefined || !schema.values.includes(text))) {
    const values = ['  enum:', ...schema.values.map((value) => `  - ${value}`)];
    return report(context, node, 'Input not a valid enum value', { notes: [...noteOf(schema), ...values] });
  }
  if (text === undefined) return wrongType(schema, node, context);
  const { pattern, min, max } = schema;
  if (min !== undefined && text.length < min) {
    return report(context, node, `expected minLength: ${min}, actual: ${text.length}`);
  }
  if (max !== undefined && text.length > max) {
    return report(context, node, `expected maxLength: ${max}, actual: ${text.length}`);
  }
  return pattern === undefined || patternOf(pattern).test(text)
    ? undefined
    : report(context, node, `string [${text}] does not match pattern ${pattern}`);
}

const patterns = new Map<string, RegExp>();

/** The patterns of schemas are few, and making one costs more than using it. */
function patternOf(source: string): RegExp {
  const known = patterns.get(source) ?? new RegExp(source);
  patterns.set(source, known);
  return known;
}

function checkNumber(schema: NumberSchema, node: ConfigNode, context: Context): Violation | undefined {
  if (schema.orNothing && typeOf(node) === 'Null') return undefined;
  const value = node.kind === 'scalar' ? node.value : undefined;
  const isNumber = typeof value === 'number' && (schema.kind === 'number' || Number.isInteger(value));
  if (!isNumber) return wrongType(schema, node, context);
  const { min, max } = schema;
  if (min !== undefined && value < min) {
    return report(context, node, `${value} is not greater or equal to ${min}`);
  }
  return max === undefined || value <= max
    ? undefined
    : report(context, node, `${value} is not less or equal to ${max}`);
}

function checkList(schema: ListSchema, node: ConfigNode, context: Context): Violation | undefined {
  if (schema.orNothing && typeOf(node) === 'Null') return undefined;
  if (schema.orOne && node.kind === 'mapping') return check(schema.items, node, context, false);
  if (node.kind !== 'sequence') return wrongType(schema, node, context);
  const { min } = schema;
  if (min !== undefined && node.items.length < min) {
    return report(context, node, `expected minimum item count: ${min}, found: ${node.items.length}`);
  }
  const causes: Violation[] = [];
  for (const item of node.items) {
    if (isEnough(causes, context)) break;
    const cause = check(schema.items, item, context, false);
    if (cause) causes.push(cause);
  }
  return together(node, causes, noteOf(schema));
}

function isEnough(causes: readonly Violation[], { counter }: Context): boolean {
  return causes.length > 0 && counter.violations >= ENOUGH;
}

function checkMap(
  schema: MapSchema,
  given: ConfigNode,
  context: Context,
  underKey: boolean,
): Violation | undefined {
  const node = underKey && typeOf(given) === 'Null' ? mapping([], given) : given;
  if (node.kind !== 'mapping') return wrongType(schema, node, context);
  const inner = schema.ownsCommands
    ? { ...context, commands: new Set(entriesOf(node.entries.get('commands')).keys()) }
    : context;
  const causes: Violation[] = [];
  const add = (found: readonly Violation[]): void => {
    for (const cause of found) causes.push(cause);
  };
  add(extraneousKeys(schema, node, inner));
  add(wrongNames(schema, node, inner));
  add(tooMany(schema, node, inner));
  add(missingKeys(schema.required ?? NOTHING, node, {}, inner));
  add(entryViolations(schema, node, inner));
  add(caseViolations(schema, node, inner));
  return together(node, causes, noteOf(schema));
}

/** What most rules find: shared, so that a config without mistakes makes no lists. */
const NOTHING: readonly never[] = [];

function extraneousKeys(schema: MapSchema, node: MappingNode, context: Context): readonly Violation[] {
  if (schema.others) return NOTHING;
  const extraneous: string[] = [];
  for (const key of node.entries.keys()) if (!schemaOf(schema, key)) extraneous.push(key);
  if (extraneous.length === 0) return NOTHING;
  const permitted = Object.keys(schema.keys);
  return extraneous.slice(0, ENOUGH).map((key) => {
    const hint = didYouMean(key, permitted);
    return report(context, node, `extraneous key [${key}] is not permitted`, {
      at: placeOf(node.keys.get(key) ?? node),
      notes: ['Permitted keys:', ...permitted.map((name) => `  - ${name}`)],
      ...(hint !== undefined && { hint }),
    });
  });
}

function wrongNames({ names }: MapSchema, node: MappingNode, context: Context): readonly Violation[] {
  if (names === undefined) return NOTHING;
  const pattern = patternOf(names);
  return [...node.entries]
    .filter(([key]) => !pattern.test(key))
    .map(([key, value]) =>
      report(context, value, `string [${key}] does not match pattern ${names}`, {
        at: placeOf(node.keys.get(key) ?? node),
      }),
    );
}

function tooMany(
  { atMost, emptyDoNotCount }: MapSchema,
  node: MappingNode,
  context: Context,
): readonly Violation[] {
  if (atMost === undefined || node.entries.size <= atMost) return NOTHING;
  const counted = [...node.entries].filter(([, value]) => !emptyDoNotCount || typeOf(value) !== 'Null');
  if (counted.length <= atMost) return [];
  const text = `maximum size: [${atMost}], found: [${counted.length}]`;
  const second = node.keys.get([...node.entries.keys()][1] ?? '');
  return [
    report(context, node, text, {
      at: placeOf(second ?? node),
      notes: describeInput(`maxProperties: ${atMost}`, node),
    }),
  ];
}

function missingKeys(
  keys: readonly string[],
  node: ConfigNode,
  { note }: { note?: string },
  context: Context,
): readonly Violation[] {
  if (node.kind !== 'mapping' || keys.every((key) => node.entries.has(key))) return NOTHING;
  return keys
    .filter((key) => !node.entries.has(key))
    .map((key) =>
      report(context, node, `required key [${key}] not found`, note === undefined ? {} : { notes: [note] }),
    );
}

function entryViolations(schema: MapSchema, node: MappingNode, context: Context): Violation[] {
  const causes: Violation[] = [];
  for (const [key, value] of node.entries) {
    if (isEnough(causes, context)) break;
    if (schema.commandsShadow && context.commands.has(key) && key !== context.inside) continue;
    const rule = schemaOf(schema, key);
    const inner = schema.definesCommands ? { ...context, inside: key } : context;
    const cause = rule && check(rule, value, inner, true);
    if (cause) causes.push(cause);
  }
  return causes;
}

function schemaOf({ keys, tolerated, others }: MapSchema, key: string): Schema | undefined {
  if (Object.hasOwn(keys, key)) return keys[key];
  return tolerated && Object.hasOwn(tolerated, key) ? tolerated[key] : others;
}

function caseViolations({ cases }: MapSchema, node: MappingNode, context: Context): readonly Violation[] {
  if (!cases) return NOTHING;
  const value = textOf(node.entries.get(cases.key));
  const rule = value !== undefined && Object.hasOwn(cases.of, value) ? cases.of[value] : undefined;
  const cause = rule && check(rule, node, context, false);
  return cause ? [cause] : NOTHING;
}

function checkExclusive(keys: readonly string[], node: ConfigNode, context: Context): Violation | undefined {
  const given = keys.filter((key) => entriesOf(node).has(key));
  return given.length < 2
    ? undefined
    : report(context, node, `only one of the keys ${keys.join(', ')} is permitted`, {
        at: placeOf((node as MappingNode).keys.get(given[1]!) ?? node),
      });
}

function checkChoice(
  schema: ChoiceSchema,
  node: ConfigNode,
  context: Context,
  underKey: boolean,
): Violation | undefined {
  const before = context.counter.violations;
  // What is wrong with a branch for another type of node is worked out only when it is to be told.
  const results: (Violation | undefined | 'another type')[] = [];
  let fits = 0;
  for (const branch of schema.of) {
    const may = mayFit(branch, node, context, underKey);
    const result = may ? check(branch, node, context, underKey) : 'another type';
    results.push(result);
    if (result === undefined) fits += 1;
    if (fits > 0 && schema.kind === 'anyOf') break;
  }
  if (schema.kind === 'oneOf' ? fits === 1 : schema.kind === 'anyOf' && fits > 0) {
    // Branches that were tried and not needed are no violations.
    context.counter.violations = before;
    return undefined;
  }
  const causes = schema.of.flatMap((branch, index) => {
    const result = results[index];
    return (result === 'another type' ? check(branch, node, context, underKey) : result) ?? [];
  });
  const total = schema.of.length;
  const matched = total - causes.length;
  const more = { causes, notes: noteOf(schema) };
  switch (schema.kind) {
    case 'allOf':
      return causes.length === 0
        ? undefined
        : violation(node, `only ${matched} subschema matches out of ${total}`, more);
    case 'anyOf':
      if (matched === 0)
        return violation(node, `no subschema matched out of the total ${total} subschemas`, more);
      break;
    case 'oneOf':
      if (matched !== 1) return violation(node, `${matched} subschemas matched instead of one`, more);
  }
  return undefined;
}

/** Whether a schema is for nodes of this type at all. */
function mayFit(schema: Schema, node: ConfigNode, context: Context, underKey: boolean): boolean {
  if (context.templates && isTemplate(node)) return true;
  const type = typeOf(node);
  switch (schema.kind) {
    case 'named':
      return mayFit(schema.schema(), node, context, underKey);
    case 'string':
      return type === 'String';
    case 'integer':
    case 'number':
      return type === 'Number';
    case 'boolean':
      return type === 'Boolean';
    case 'list':
      return type === 'Sequence' || type === 'Null';
    case 'map':
      return type === 'Mapping' || type === 'Null';
    default:
      return true;
  }
}
