// Changes to a config as data: it stays YAML, so that they reach what stands behind the parser.
import { parseDocument, stringify } from 'yaml';
import type { Random } from './random.js';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
type Container = Json[] | { [key: string]: Json };
interface Spot {
  holder: Container;
  key: string | number;
}

const VALUES: readonly Json[] = [
  null, true, false, 0, -1, 1.5, 1e21, '', ' ', 'x', '<< parameters.x >>', '<< pipeline.parameters.x >>', '<< pipeline.git.branch >>',
  '<< pipeline.number >>', '<< matrix.x >>', 'a << pipeline.git.branch >> b', 'pipeline.git.branch == "main"', [], {}, [[]], [null], { a: null },
  { and: [] }, { or: [true, { not: false }] }, { equal: [1, '1'] }, { matches: { pattern: '(', value: 'x' } }, { not: { not: { not: true } } },
  { type: 'string', default: 1 }, { type: 'steps', default: [] }, { type: 'executor', default: 'default' }, { type: 'enum', enum: ['a', 'b'] },
  { type: 'integer', default: '<< pipeline.number >>' }, ['checkout', { run: 'x' }], { run: { command: 'x', when: 'always' } }, { when: { condition: true, steps: ['checkout'] } },
  { steps: '<< parameters.x >>' }, { parameters: { x: [1, 2], y: ['a', 'b'] }, exclude: [{ x: 1, y: 'a' }] }, { parameters: { x: [] } },
  { branches: { only: '/.*/', ignore: ['a', '/(/'] } }, { tags: { only: ['/v.*/'] } }, { only: null }, ['success', 'failed'], { a: ['terminal'] }, 'a'.repeat(3_000),
]; // prettier-ignore

const KEYS = [
  'version', 'setup', 'orbs', 'parameters', 'commands', 'executors', 'jobs', 'workflows', 'job-groups', 'steps', 'docker', 'machine', 'macos', 'executor', 'type',
  'default', 'enum', 'when', 'unless', 'condition', 'requires', 'matrix', 'exclude', 'alias', 'name', 'context', 'filters', 'pre-steps', 'post-steps',
  'serial-group', 'override-with', 'environment', 'run', 'command', 'image', 'resource_class', 'parallelism', 'triggers', 'max_auto_reruns', '__proto__', 'constructor', '<<', 'x',
]; // prettier-ignore

/** Undefined when the text is no YAML to begin with. */
export function mutateData(text: string, random: Random, other: string): string | undefined {
  const data = read(text);
  if (data === undefined) return undefined;
  const root: { [key: string]: Json } = { root: data };
  const spots = spotsOf(root);
  const donor = random.chance(0.3) ? (read(other) ?? data) : data;
  for (let i = random.below(3); i >= 0; i -= 1)
    change(random.pick(spots), spots, spotsOf({ root: donor }), random);
  try {
    return stringify(root['root'], { aliasDuplicateObjects: random.chance(0.5), lineWidth: 0 });
  } catch {
    // A part was put into itself.
    return undefined;
  }
}

function read(text: string): Json | undefined {
  try {
    const document = parseDocument(text, { merge: random01(text), uniqueKeys: false, logLevel: 'silent' });
    return document.errors.length > 0 ? undefined : (document.toJS({ maxAliasCount: 1_000 }) as Json);
  } catch {
    return undefined;
  }
}

/** Whether merge keys are resolved: by the text, so that a repetition does the same. */
function random01(text: string): boolean {
  return text.length % 2 === 0;
}

function spotsOf(holder: Container, into: Spot[] = [], depth = 0): Spot[] {
  if (into.length > 20_000 || depth > 100) return into;
  const entries = Array.isArray(holder) ? [...holder.entries()] : Object.entries(holder);
  for (const [key, value] of entries) {
    into.push({ holder, key });
    if (value !== null && typeof value === 'object') spotsOf(value, into, depth + 1);
  }
  return into;
}

function valueAt({ holder, key }: Spot): Json {
  return (holder as Record<string | number, Json>)[key] ?? null;
}

function set({ holder, key }: Spot, value: Json): void {
  if (Array.isArray(holder)) holder[Number(key)] = value;
  else
    Object.defineProperty(holder, String(key), {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
}

function change(spot: Spot, spots: readonly Spot[], donors: readonly Spot[], random: Random): void {
  const copy = (value: Json): Json => structuredClone(value);
  const { holder, key } = spot;
  // What stands under the same key elsewhere fits in shape, and so gets furthest.
  const alike = donors.filter(
    (donor) => donor.key === key || (Array.isArray(holder) && Array.isArray(donor.holder)),
  );
  if (alike.length > 1 && random.chance(0.5)) return set(spot, copy(valueAt(random.pick(alike))));
  switch (random.below(8)) {
    case 0:
      return set(spot, copy(random.pick(VALUES)));
    case 1:
      return set(spot, copy(valueAt(random.pick(donors))));
    case 2:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[String(key)];
      return;
    case 3: {
      const value = valueAt(spot);
      if (Array.isArray(holder)) holder.splice(Number(key), 0, copy(value));
      else set({ holder, key: random.chance(0.5) ? random.pick(KEYS) : `${key}-2` }, copy(value));
      return;
    }
    case 4:
      return set(
        spot,
        random.chance(0.5) ? [copy(valueAt(spot))] : { [random.pick(KEYS)]: copy(valueAt(spot)) },
      );
    case 5: {
      const value = valueAt(spot);
      if (value === null || typeof value !== 'object') return set(spot, copy(random.pick(VALUES)));
      if (Array.isArray(value)) value.push(copy(random.pick(VALUES)));
      else
        set(
          { holder: value, key: random.pick(KEYS) },
          copy(random.pick([...VALUES, valueAt(random.pick(donors))])),
        );
      return;
    }
    case 6: {
      // The same object in two places: an alias in the text.
      const shared = valueAt(random.pick(spots));
      return set(spot, shared);
    }
    default: {
      const value = valueAt(spot);
      if (typeof value === 'string') return set(spot, nameElsewhere(spots, random));
      return set(spot, copy(random.pick(VALUES)));
    }
  }
}

/** A name that something in the config has: calls and requirements of the wrong thing. */
function nameElsewhere(spots: readonly Spot[], random: Random): string {
  const named = spots.filter(({ key }) => typeof key === 'string');
  return named.length > 0 ? String(random.pick(named).key) : 'x';
}
