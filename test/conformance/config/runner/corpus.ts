// Recordings that the compiler is measured against: sources with what the original compiler printed for them, and configs
// of real projects. They are their owners' and no part of this repository: the folder is ../shared/corpus beside the
// checkout, or ROTUNDA_CORPUS.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compile } from '../../../../src/pipelines/config/index.js';
import type { OrbResolver } from '../../../../src/pipelines/config/index.js';
import { Budget, defaultLimits } from '../../../../src/pipelines/config/problems/limits.js';
import { toPlain } from '../../../../src/pipelines/config/yaml/node.js';
import { parseYaml } from '../../../../src/pipelines/config/yaml/parse.js';

export const corpus = resolve(process.env.ROTUNDA_CORPUS ?? join('..', 'shared', 'corpus'));
export const corpusIsPresent = existsSync(join(corpus, 'pairs'));
export const NO_CORPUS = `*** No recordings at ${corpus}: the compiler is NOT measured against them ***`;

export interface PairsMeasured {
  total: number;
  /** Equal as data: the order of keys is none. */
  structural: number;
  /** Equal to the letter, leading comments aside, whose form differs by age. */
  textual: number;
  structuralMisses: string[];
  /** Pairs that are equal as data only, each with its first line that differs. */
  textualMisses: string[];
}

/** Compiles every recorded pair. */
export async function measurePairs(): Promise<PairsMeasured> {
  const folder = join(corpus, 'pairs');
  const pairs = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  const registries = [storedOrbs(), storedOrbs('packed')] as const;
  const result: PairsMeasured = {
    total: pairs.length,
    structural: 0,
    textual: 0,
    structuralMisses: [],
    textualMisses: [],
  };
  for (const pair of pairs) {
    const read = (file: string): string => readFileSync(join(folder, pair, file), 'utf8');
    const source = read('source.yml');
    const [compiled, packed] = await Promise.all(
      registries.map((orbs) => compile({ source, parameters: {}, values: {}, orbs })),
    );
    if (!compiled?.ok || !packed?.ok) {
      const [error] = compiled?.ok === false ? compiled.errors : [];
      result.structuralMisses.push(`${pair}: ${error?.message}`);
      continue;
    }
    // Some were stored by tools that change line ends.
    const expected = read('expected.yml').replaceAll('\r\n', '\n');
    const data = toPlain(parseYaml(expected, new Budget(defaultLimits)));
    if (canonical(compiled.document) !== canonical(data)) {
      result.structuralMisses.push(pair);
      continue;
    }
    result.structural += 1;
    const wanted = withoutComments(expected);
    const difference = firstDifference(withoutComments(compiled.yaml), wanted);
    const matches = firstDifference(withoutComments(packed.yaml), wanted) === undefined;
    if (difference === undefined || matches) result.textual += 1;
    else result.textualMisses.push(`${pair}: ${difference}`);
  }
  return result;
}

export function realConfigs(): { name: string; source: string }[] {
  const folder = join(corpus, 'configs');
  // Among them are lists of test suites, which are for another program.
  return readdirSync(folder)
    .filter((name) => !name.endsWith('__test-suites.yml'))
    .map((name) => ({ name, source: readFileSync(join(folder, name), 'utf8') }));
}

interface StoredOrb {
  orb: string;
  document: unknown;
}

/**
 * The orbs that are kept with the recordings, as data from their repositories. Most were published packed, which sorts the
 * keys, and the original prints the published order: `packed` sorts them.
 */
export function storedOrbs(form: 'as written' | 'packed' = 'as written'): OrbResolver {
  const folder = join(corpus, 'orbs');
  const orbs = readdirSync(folder).map((f) => JSON.parse(readFileSync(join(folder, f), 'utf8')) as StoredOrb);
  return {
    resolve(reference) {
      const exact = orbs.find(({ orb }) => orb === reference || orb.startsWith(`${reference}.`));
      const [name] = reference.split('@');
      const found =
        exact ?? orbs.find(({ orb }) => reference.endsWith('@volatile') && orb.startsWith(`${name}@`));
      return Promise.resolve(
        found && {
          source: form === 'packed' ? canonical(found.document) : JSON.stringify(found.document),
          resolvedReference: found.orb,
        },
      );
    },
  };
}

/** Order of keys is not data. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

function withoutComments(text: string): string[] {
  return text
    .replace(/^#.*\n/gm, '')
    .trim()
    .split('\n');
}

function firstDifference(found: readonly string[], expected: readonly string[]): string | undefined {
  const length = Math.max(found.length, expected.length);
  for (let line = 0; line < length; line += 1) {
    if (found[line] === expected[line]) continue;
    return `line ${line + 1}\n    expected ${expected[line] ?? '(end)'}\n    found    ${found[line] ?? '(end)'}`;
  }
  return undefined;
}
