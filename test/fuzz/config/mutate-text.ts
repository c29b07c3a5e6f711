// Changes to a config as text: what editors, merges and typing errors do to it, and what was put there on purpose.
import type { Random } from './random.js';

type TextMutation = (text: string, random: Random, other: string) => string;

/** Pieces with a meaning to YAML, to templates or to the config language. */
const PIECES = [
  '<<', '>>', '<< parameters.x >>', '<< pipeline.git.branch >>', '<< pipeline.number >>', '<< matrix.x >>', '<<# parameters.x >>',
  '<</ parameters.x >>', '\\<<', '{{ checksum "a" }}', '&a', '*a', '<<: *a', '!!binary ', '!!set ', '!foo ', '? ', '- ', ': ', '|', '>-',
  '|+\n', '{', '}', '[', ']', '"', "'", '#', '%YAML 1.1', '---\n', '...\n', '\t', '\0', '\u0085', '\u2028', '\ufeff', '\ud800', '\u{1f680}', '~', 'null', 'yes',
  '0x1F', '0o17', '010', '1e400', '.nan', '-.inf', '190:20:30', '2001-01-01', '__proto__', 'constructor', 'toString', 'and', 'or', 'not',
  'equal', 'matches', 'when', 'unless', 'condition', 'steps', 'requires', 'matrix', 'exclude', 'alias', 'filters', 'branches', 'tags', 'only',
  'ignore', 'context', 'pre-steps', 'post-steps', 'override-with', 'serial-group', 'parameters', 'default', 'type', 'enum', 'executor',
  'docker', 'machine', 'macos', 'environment', 'parallelism', 'run', 'checkout', 'save_cache', 'triggers', 'schedule', 'setup', 'orbs',
  'version: 2', 'version: 2.1', 'not not not true', '(((', ')))', '/(a+)+$/', '/[/', 'pipeline.git.branch == "x" and',
] as const; // prettier-ignore

const MUTATIONS: readonly TextMutation[] = [
  // A character less, more, or another.
  (text, random) => cut(text, at(text, random), 1),
  (text, random) => insert(text, at(text, random), String.fromCharCode(32 + random.below(95))),
  (text, random) => insert(text, at(text, random), random.pick(PIECES)),
  (text, random) => insert(cut(text, at(text, random), 1 + random.below(12)), at(text, random), random.pick(PIECES)),
  // A word of the text somewhere else in it.
  (text, random) => insert(text, at(text, random), wordOf(text, random)),
  (text, random) => text.replaceAll(wordOf(text, random), wordOf(text, random)),
  // Lines.
  lines((all, random) => void all.splice(random.below(all.length), 1 + random.below(3))),
  lines((all, random) => {
    const from = random.below(all.length);
    const taken = all.slice(from, from + 1 + random.below(6));
    all.splice(random.below(all.length), 0, ...taken);
  }),
  lines((all, random) => {
    const [a, b] = [random.below(all.length), random.below(all.length)];
    [all[a], all[b]] = [all[b] ?? '', all[a] ?? ''];
  }),
  lines((all, random) => {
    const line = random.below(all.length);
    const from = random.chance(0.5) ? line : all.length - 1;
    const by = random.pick([' ', '  ', '    ']);
    for (let i = line; i <= from; i += 1) all[i] = random.chance(0.5) ? by + all[i] : (all[i] ?? '').slice(by.length);
  }),
  lines((all, random) => {
    const line = random.below(all.length);
    all[line] = (all[line] ?? '').replace(/: .*$/, `: ${random.pick(PIECES)}`);
  }),
  // A part of another config.
  (text, random, other) => {
    const all = other.split('\n');
    const from = random.below(all.length);
    return insert(text, at(text, random), `\n${all.slice(from, from + 1 + random.below(20)).join('\n')}\n`);
  },
  // Too much of something.
  (text, random) => insert(text, at(text, random), random.pick(PIECES).repeat(1 + random.below(300))),
  (text, random) => insert(text, at(text, random), 'x'.repeat(random.below(20_000))),
  (text, random) => text.slice(0, at(text, random)),
]; // prettier-ignore

export function mutateText(text: string, random: Random, other: string): string {
  return random.pick(MUTATIONS)(text, random, other);
}

function lines(change: (all: string[], random: Random) => void): TextMutation {
  return (text, random) => {
    const all = text.split('\n');
    change(all, random);
    return all.join('\n');
  };
}

function at(text: string, random: Random): number {
  return random.below(text.length + 1);
}

function cut(text: string, from: number, length: number): string {
  return text.slice(0, from) + text.slice(from + length);
}

function insert(text: string, where: number, piece: string): string {
  return text.slice(0, where) + piece + text.slice(where);
}

function wordOf(text: string, random: Random): string {
  const start = at(text, random);
  return /[\w.\-/]+/.exec(text.slice(start, start + 200))?.[0] ?? 'version';
}
