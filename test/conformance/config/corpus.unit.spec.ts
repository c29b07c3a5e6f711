// Measures the compiler against recorded pairs of source and original output, and against configs of real projects.
// Without the recordings (see runner/corpus.ts) this spec says so and checks nothing.
import { describe, expect, test } from '@jest/globals';
import { compile } from '../../../src/pipelines/config/index.js';
import { baseValues } from './runner/run-case.js';
import { compilePermissively } from './runner/permissive.js';
import { corpusIsPresent, measurePairs, NO_CORPUS, realConfigs, storedOrbs } from './runner/corpus.js';

if (!corpusIsPresent) process.stderr.write(`\n${NO_CORPUS}\n`);

function report(title: string, done: number, total: number, misses: readonly string[]): void {
  process.stderr.write(`\n${title}: ${done} of ${total}\n${misses.map((miss) => `  ${miss}\n`).join('')}`);
}

describe('recorded outputs of the original compiler', () => {
  test('at least 98 % are reproduced as data', async () => {
    if (!corpusIsPresent) return;
    const { total, structural, textual, structuralMisses } = await measurePairs();
    report('pairs reproduced', structural, total, structuralMisses);
    report('of these, the same text', textual, structural, []);
    expect(structural).toBeGreaterThanOrEqual(total * 0.98);
  });
});

describe('configs of real projects', () => {
  test('those without registry orbs compile', async () => {
    if (!corpusIsPresent) return;
    const orbs = storedOrbs();
    const misses: string[] = [];
    let tried = 0;
    for (const { name, source } of realConfigs()) {
      const result = await compile({ source, parameters: {}, values: baseValues, orbs });
      const orbsOnly =
        !result.ok &&
        result.errors.every(({ message }) => /^Cannot find .* in the orb registry/s.test(message));
      if (orbsOnly) continue;
      tried += 1;
      if (!result.ok) misses.push(`${name}: ${JSON.stringify(result.errors.slice(0, 3), null, 1)}`);
    }
    report('real configs compiled', tried - misses.length, tried, misses);
    expect(misses).toEqual([]);
  });

  /** Why a config does not compile here though its orbs are made up: it says so itself, or leaves the orb empty. */
  const KNOWN =
    /^Max number of workflows exceeded\.$|^Cannot find a definition for \w+ named (aws-cli|node)\/[\w-]+$/;

  test('the others have nothing wrong but that their orbs are not at hand', async () => {
    if (!corpusIsPresent) return;
    const orbs = storedOrbs();
    const configs = realConfigs();
    const misses: string[] = [];
    const unknown: string[] = [];
    for (const { name, source } of configs) {
      const result = await compilePermissively(source, orbs, baseValues);
      if (result.ok) continue;
      const lines = result.errors.map(({ message }) => message.split('\n').at(-1)!);
      misses.push(`${name}: ${lines[0]}`);
      unknown.push(...lines.filter((line) => !KNOWN.test(line)).map((line) => `${name}: ${line}`));
    }
    report('real configs compiled with made-up orbs', configs.length - misses.length, configs.length, misses);
    expect(unknown).toEqual([]);
    expect(misses.length).toBeLessThanOrEqual(configs.length * 0.05);
  }, 60_000);
});
