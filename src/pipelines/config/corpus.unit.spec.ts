// Measures the compiler against recorded pairs of source and original output, and against configs of real projects.
// The recordings are not part of this repository (they are their owners'): the folder is ../shared/corpus beside the
// checkout, or ROTUNDA_CORPUS. Without it this spec says so and checks nothing.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { compile } from './compile.js';
import type { CompileResult, OrbResolver } from './config.types.js';
import { Budget, defaultLimits } from './problems/limits.js';
import { toPlain } from './yaml/node.js';
import { parseYaml } from './yaml/parse.js';

const corpus = resolve(process.env.ROTUNDA_CORPUS ?? join('..', 'shared', 'corpus'));
const present = existsSync(join(corpus, 'pairs'));
if (!present)
  process.stderr.write(`\n*** No recordings at ${corpus}: the compiler is NOT measured against them ***\n`);

interface StoredOrb {
  orb: string;
  document: unknown;
}

function storedOrbs(): OrbResolver {
  const folder = join(corpus, 'orbs');
  const orbs = readdirSync(folder).map((f) => JSON.parse(readFileSync(join(folder, f), 'utf8')) as StoredOrb);
  return {
    resolve(reference) {
      const exact = orbs.find(({ orb }) => orb === reference || orb.startsWith(`${reference}.`));
      const [name] = reference.split('@');
      const found =
        exact ?? orbs.find(({ orb }) => reference.endsWith('@volatile') && orb.startsWith(`${name}@`));
      return Promise.resolve(
        found && { source: JSON.stringify(found.document), resolvedReference: found.orb },
      );
    },
  };
}

function run(source: string, orbs: OrbResolver): Promise<CompileResult> {
  return compile({ source, parameters: {}, values: {}, orbs });
}

function report(title: string, done: number, total: number, misses: readonly string[]): void {
  process.stderr.write(`\n${title}: ${done} of ${total}\n${misses.map((miss) => `  ${miss}\n`).join('')}`);
}

describe('recorded outputs of the original compiler', () => {
  test('at least 98 % are reproduced as data', async () => {
    const folders = present ? readdirSync(join(corpus, 'pairs'), { withFileTypes: true }) : [];
    const orbs: OrbResolver = present ? storedOrbs() : { resolve: () => Promise.resolve(undefined) };
    const pairs = folders.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    const misses: string[] = [];
    let sameText = 0;
    for (const pair of pairs) {
      const read = (file: string): string => readFileSync(join(corpus, 'pairs', pair, file), 'utf8');
      const result = await run(read('source.yml'), orbs);
      const expected = toPlain(parseYaml(read('expected.yml'), new Budget(defaultLimits)));
      if (!result.ok) misses.push(`${pair}: ${result.errors[0]?.message}`);
      else if (JSON.stringify(sorted(result.document)) !== JSON.stringify(sorted(expected)))
        misses.push(pair);
      else if (withoutComments(result.yaml) === withoutComments(read('expected.yml'))) sameText += 1;
    }
    if (present) report('pairs reproduced', pairs.length - misses.length, pairs.length, misses);
    if (present) report('of these, the same text', sameText, pairs.length, []);
    expect(misses.length).toBeLessThanOrEqual(pairs.length * 0.02);
  });
});

/** Order of keys is not data. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

function withoutComments(text: string): string {
  return text.replace(/^#.*\n/gm, '').trim();
}

describe('configs of real projects', () => {
  test('those without registry orbs compile', async () => {
    const files = present ? readdirSync(join(corpus, 'configs')) : [];
    const misses: string[] = [];
    let tried = 0;
    for (const file of files) {
      const result = await run(readFileSync(join(corpus, 'configs', file), 'utf8'), storedOrbs());
      if (
        !result.ok &&
        result.errors.every(
          ({ message }) => message.startsWith('Cannot find ') && message.includes('orb registry'),
        )
      )
        continue;
      tried += 1;
      if (!result.ok) misses.push(`${file}: ${JSON.stringify(result.errors.slice(0, 3), null, 1)}`);
    }
    if (present) report('real configs compiled', tried - misses.length, tried, misses);
    expect(misses.length).toBeLessThanOrEqual(tried * 0.1);
  });
});
