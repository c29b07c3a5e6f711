// Plain values of a compiled document as the runtime takes them: texts, durations, command lines, environments.
import { fault, type Place } from '../problems/fault.js';

/** A mapping, or an empty one for anything else. */
export function recordOf(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

export function listOf(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** A scalar as text; undefined when it is absent or no scalar. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** A scalar that must be there; throws a ConfigFault in the original's words. */
export function requiredText(map: Record<string, unknown>, key: string, at: Place): string {
  const text = textOf(map[key]);
  if (text === undefined) throw fault(`[${at.pointer ?? '#'}] required key [${key}] not found`, at);
  return text;
}

/** What a process sees of a value: booleans as 1 and 0, numbers as JSON's floats print, null as `<nil>` (C-159, C-160). */
export function environmentText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'number') return floatText(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** From seven digits on in exponential form: 7777777 is `7.777777e+06`. */
function floatText(value: number): string {
  const size = Math.abs(value);
  if (size < 1e6 && (size >= 1e-4 || size === 0)) return String(value);
  return value.toExponential().replace(/e([-+])(\d)$/, 'e$10$2');
}

/** A map, a list of maps, a list of `NAME=value`, or one such text (C-213, C-377). Later entries win. */
export function environmentOf(value: unknown): Record<string, string> {
  const pairs = new Map<string, string>();
  for (const item of listOf(value)) {
    if (typeof item === 'string') {
      const equals = item.indexOf('=');
      if (equals > 0) pairs.set(item.slice(0, equals), item.slice(equals + 1));
    } else if (Array.isArray(item)) {
      for (const [name, text] of Object.entries(environmentOf(item))) pairs.set(name, text);
    } else {
      for (const [name, inner] of Object.entries(recordOf(item))) pairs.set(name, environmentText(inner));
    }
  }
  return Object.fromEntries(pairs);
}

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };

/** `20m`, `1.25h`, `1h30m`, or a number of seconds (C-242, C-374), in seconds. Throws a ConfigFault for anything else. */
export function durationSeconds(value: unknown, fallback: number, at: Place): number {
  if (value === undefined || value === null) return fallback;
  if (typeof value === 'number' && value >= 0) return value;
  const text = typeof value === 'string' ? value.trim() : '';
  if (/^\d+$/.test(text)) return Number(text);
  if (/^(?:\d+(?:\.\d+)?(?:ms|[smh]))+$/.test(text)) {
    const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|[smh])/g);
    return [...parts].reduce((sum, [, amount, unit]) => sum + Number(amount) * UNITS[unit!]!, 0);
  }
  const found = typeof value === 'string' ? value : JSON.stringify(value);
  throw fault(`[${at.pointer ?? '#'}] string [${found}] does not match pattern ^\\d+(\\.\\d+)?[mhs]$`, at);
}

/** A command line as a list, or as one text with the quoting of a shell (C-376). */
export function commandLine(value: unknown, at: Place): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value.map((item) => textOf(item) ?? JSON.stringify(item));
  return splitShellWords(textOf(value) ?? JSON.stringify(value), at);
}

/** Words as a POSIX shell splits them, without any expansion. Throws a ConfigFault when a quote is not closed. */
export function splitShellWords(text: string, at: Place = {}): string[] {
  const words: string[] = [];
  const word = /\s*((?:[^\s"'\\]|\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*")+)/y;
  while (word.lastIndex < text.length) {
    if (text.slice(word.lastIndex).trim() === '') break;
    const found = word.exec(text)?.[1];
    if (found === undefined) throw fault(`[${at.pointer ?? '#'}] a quote is not closed in: ${text}`, at);
    words.push(unquote(found));
  }
  return words;
}

function unquote(word: string): string {
  return word.replace(
    /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])/g,
    (_all, single?: string, double?: string, escaped?: string) => {
      if (single !== undefined) return single;
      if (double !== undefined) return double.replace(/\\\n/g, '').replace(/\\(["\\$`])/g, '$1');
      return escaped === '\n' ? '' : (escaped ?? '');
    },
  );
}
