// The configs that are changed: the conformance cases with their orbs, and real ones when the recordings are here.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCases } from '../../conformance/config/runner/case.js';
import { corpus, corpusIsPresent, realConfigs, storedOrbs } from '../../conformance/config/runner/corpus.js';
import { storedOrbs as orbsOf } from '../../../src/pipelines/config/index.js';
import type { Sample } from './check.js';

export function readSamples(): Sample[] {
  const cases = readCases().map(({ config, orbs }) => ({ source: config, orbs: orbsOf(orbs) }));
  if (!corpusIsPresent) return cases;
  const orbs = storedOrbs();
  const pairs = readdirSync(join(corpus, 'pairs'))
    .map((name) => join(corpus, 'pairs', name, 'source.yml'))
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8'));
  const real = realConfigs().map(({ source }) => source);
  return [...cases, ...[...real, ...pairs].map((source) => ({ source, orbs }))];
}
