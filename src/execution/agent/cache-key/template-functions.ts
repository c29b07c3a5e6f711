// The functions that every Go template has, as far as they are of use in a cache key.

export type Value = string | number | boolean | Readonly<Record<string, string>> | undefined;

/** What it throws becomes "error calling NAME: ...". */
export type TemplateFunction = ({ arity: number } | { least: number }) & {
  call(...args: Value[]): Value | Promise<Value>;
};

/** Go's truth: not for nothing, false, zero, and what is empty. */
export function isTrue(value: Value): boolean {
  if (typeof value === 'object') return Object.keys(value).length > 0;
  return value !== undefined && value !== false && value !== 0 && value !== '';
}

/** As `{{ . }}` prints it. */
export function printed(value: Value): string {
  if (value === undefined) return '<no value>';
  if (typeof value !== 'object') return String(value);
  const pairs = Object.keys(value).sort();
  return `map[${pairs.map((key) => `${key}:${String(value[key])}`).join(' ')}]`;
}

export const BUILTIN_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  // `and` and `or` are asked for their arguments one by one: the rest is not evaluated.
  and: { least: 1, call: (...args) => args.find((value) => !isTrue(value)) ?? args.at(-1) },
  or: { least: 1, call: (...args) => args.find(isTrue) ?? args.at(-1) },
  not: { arity: 1, call: (value) => !isTrue(value) },
  eq: { least: 2, call: (value, ...others) => others.some((other) => order(value, other) === 0) },
  ne: { arity: 2, call: (a, b) => order(a, b) !== 0 },
  lt: { arity: 2, call: (a, b) => order(a, b) < 0 },
  le: { arity: 2, call: (a, b) => order(a, b) <= 0 },
  gt: { arity: 2, call: (a, b) => order(a, b) > 0 },
  ge: { arity: 2, call: (a, b) => order(a, b) >= 0 },
  len: { arity: 1, call: lengthOf },
  index: { arity: 2, call: entryOf },
  print: { least: 0, call: (...args) => joined(args) },
  println: { least: 0, call: (...args) => `${args.map(printed).join(' ')}\n` },
  printf: { least: 1, call: (format, ...args) => formatted(String(format), args) },
};

function order(a: Value, b: Value): number {
  if (typeof a !== typeof b || typeof a === 'object' || a === undefined || b === undefined)
    throw new Error('incompatible types for comparison');
  if (a === b) return 0;
  return typeof a === 'string' ? Buffer.compare(Buffer.from(a), Buffer.from(String(b))) : a < b ? -1 : 1;
}

function lengthOf(value: Value): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'object') return Object.keys(value).length;
  throw new Error(`len of type ${typeof value === 'number' ? 'int' : typeof value}`);
}

function entryOf(map: Value, key: Value): Value {
  if (typeof map !== 'object') throw new Error(`can't index item of type ${typeof map}`);
  return Object.hasOwn(map, String(key)) ? map[String(key)] : '';
}

/** Spaces stand only between two values of which neither is a text. */
function joined(values: readonly Value[]): string {
  return values
    .map((value, i) => {
      const apart = i > 0 && typeof value !== 'string' && typeof values[i - 1] !== 'string';
      return (apart ? ' ' : '') + printed(value);
    })
    .join('');
}

/** %s %v %d %q %t %x and %%, with a width. */
function formatted(format: string, values: readonly Value[]): string {
  let next = 0;
  const text = format.replace(
    /%([-0]*)(\d*)([a-zA-Z%])/g,
    (_whole, flags: string, width: string, verb: string) => {
      if (verb === '%') return '%';
      if (next >= values.length) return `%!${verb}(MISSING)`;
      const value = values[next++];
      const shown = withVerb(verb, value);
      if (flags.includes('-')) return shown.padEnd(Number(width));
      return shown.padStart(Number(width), flags.includes('0') && typeof value === 'number' ? '0' : ' ');
    },
  );
  const extra = values.slice(next).map((value) => `${typeOf(value)}=${printed(value)}`);
  return extra.length === 0 ? text : `${text}%!(EXTRA ${extra.join(', ')})`;
}

function withVerb(verb: string, value: Value): string {
  if (verb === 'v') return printed(value);
  if (typeof value === 'string') {
    if (verb === 's') return value;
    if (verb === 'q') return JSON.stringify(value);
    if (verb === 'x') return Buffer.from(value).toString('hex');
  }
  if (typeof value === 'number' && verb === 'd') return String(Math.trunc(value));
  if (typeof value === 'number' && verb === 'x') return value.toString(16);
  if (typeof value === 'boolean' && verb === 't') return String(value);
  return `%!${verb}(${typeOf(value)}=${printed(value)})`;
}

function typeOf(value: Value): string {
  if (typeof value === 'number') return 'int';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'object' ? 'map[string]string' : typeof value;
}
