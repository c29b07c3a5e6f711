// Reads and checks the settings. The only place that reads the environment.
import { resolve } from 'node:path';
import { settingsSchema, type SettingSpec } from './settings.schema.js';

type Schema = typeof settingsSchema;
type ValueOf<Spec extends SettingSpec> = Spec['type'] extends 'integer' | 'duration'
  ? number
  : Spec['type'] extends 'boolean'
    ? boolean
    : Spec['type'] extends 'list'
      ? string[]
      : Spec['type'] extends { oneOf: readonly (infer Choice)[] }
        ? Choice
        : string;

/** Every setting with its checked value; durations are milliseconds, unset strings are empty. */
export type Settings = { readonly [Name in keyof Schema]: ValueOf<Schema[Name]> };

export const ROLES = ['api', 'conductor', 'dispatcher', 'cron', 'agent'] as const;

/** One or more settings are wrong; the message names each. Stops the start. */
export class SettingsError extends Error {
  constructor(readonly problems: string[]) {
    super(problems.join('\n'));
    this.name = 'SettingsError';
  }
}

/** Variables that begin with ROTUNDA_ and are not settings of the server: those of its command line. */
const OTHER_VARIABLES = new Set([
  'ROTUNDA_TOKEN',
  'ROTUNDA_URL',
  'ROTUNDA_AGENT_TOKEN',
  'ROTUNDA_REQUIRE_DOCKER',
  'ROTUNDA_TEST_DATABASE_URL',
]);

/**
 * Checks an environment against the schema. Throws SettingsError listing every unknown `ROTUNDA_*` variable and every
 * value of the wrong form; secret values are not repeated in it.
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const problems: string[] = [];
  const specs = Object.entries(settingsSchema) as [keyof Schema, SettingSpec][];
  const known = new Set(specs.map(([, spec]) => spec.env));
  for (const name of Object.keys(environment)) {
    if (name.startsWith('ROTUNDA_') && !known.has(name) && !OTHER_VARIABLES.has(name)) {
      problems.push(`${name}: unknown setting${suggestion(name, known)}`);
    }
  }
  const values: Record<string, unknown> = {};
  for (const [name, spec] of specs) {
    const given = environment[spec.env];
    const text = given === undefined || given === '' ? spec.default : given;
    const value = parse(spec, text);
    if (value instanceof Error) {
      problems.push(`${spec.env}: ${spec.secret ? '' : `"${text}" `}${value.message}`);
    } else {
      values[name] = value;
    }
  }
  for (const role of (values['roles'] as string[] | undefined) ?? []) {
    if (!(ROLES as readonly string[]).includes(role)) {
      problems.push(`ROTUNDA_ROLES: "${role}" is not a role; roles are ${ROLES.join(', ')}`);
    }
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return values as Settings;
}

function parse(spec: SettingSpec, text: string): unknown {
  const { type } = spec;
  if (typeof type === 'object') {
    return type.oneOf.includes(text) ? text : new Error(`is not one of ${type.oneOf.join(', ')}`);
  }
  switch (type) {
    case 'string':
      return text;
    case 'path':
      return text === '' ? '' : resolve(text);
    case 'url':
      return text === '' || URL.canParse(text) ? text : new Error('is not a URL');
    case 'list':
      return text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
    case 'boolean':
      if (text === 'true' || text === '1') return true;
      if (text === 'false' || text === '0') return false;
      return new Error('is not true or false');
    case 'integer':
      return bounded(spec, /^-?\d+$/.test(text) ? Number(text) : Number.NaN, 'a whole number', String);
    case 'duration':
      return bounded(spec, parseDuration(text), 'a duration such as 500ms, 10s, 5m, 2h', formatDuration);
  }
}

function bounded(
  spec: SettingSpec,
  value: number,
  what: string,
  show: (value: number) => string,
): number | Error {
  if (Number.isNaN(value)) return new Error(`is not ${what}`);
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = spec;
  return value < min || value > max ? new Error(`is not between ${show(min)} and ${show(max)}`) : value;
}

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `500ms`, `10s`, `5m`, `2h`, `1d`; NaN for anything else. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  return match ? Math.round(Number(match[1]) * UNITS[match[2]!]!) : Number.NaN;
}

function formatDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's'])
    if (ms >= UNITS[unit]! && ms % UNITS[unit]! === 0) return `${ms / UNITS[unit]!}${unit}`;
  return `${ms}ms`;
}

function suggestion(name: string, known: Set<string>): string {
  const [near] = [...known]
    .map((candidate) => ({ candidate, far: distance(name, candidate) }))
    .filter(({ far }) => far <= 3)
    .sort((a, b) => a.far - b.far);
  return near ? ` (did you mean ${near.candidate}?)` : '';
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}

/** The settings table of the README, in Markdown. */
export function settingsTable(): string {
  const rows = Object.values(settingsSchema as Record<string, SettingSpec>).map((spec) => {
    const type =
      typeof spec.type === 'object' ? spec.type.oneOf.map((choice) => `\`${choice}\``).join(' ') : spec.type;
    return `| \`${spec.env}\` | ${type} | ${spec.default === '' ? '' : `\`${spec.default}\``} | ${spec.help} |`;
  });
  return ['| variable | type | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}
