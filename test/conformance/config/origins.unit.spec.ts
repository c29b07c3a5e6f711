// Every step and key of every config has a place in a text that was given, whatever way it took.
import { describe, expect, test } from '@jest/globals';
import {
  compilePipeline,
  storedOrbs as orbsOf,
  type KeyOrigins,
  type OrbResolver,
  type SourcePlace,
  type TracedJob,
} from '../../../src/pipelines/config/index.js';
import { readCases } from './runner/case.js';
import { corpusIsPresent, NO_CORPUS, realConfigs, storedOrbs } from './runner/corpus.js';

if (!corpusIsPresent) process.stderr.write(`\n${NO_CORPUS}\n`);

interface Input {
  name: string;
  source: string;
  orbs: OrbResolver;
  parameters?: Record<string, string | number | boolean>;
}

const inputs: Input[] = [
  ...readCases().map(({ path, config, orbs, parameters }) => ({
    name: path,
    source: config,
    orbs: orbsOf(orbs),
    parameters,
  })),
  ...(corpusIsPresent ? realConfigs() : []).map(({ name, source }) => ({ name, source, orbs: storedOrbs() })),
];

/** What has no place, or one that is not in its text. */
function unplaced(job: TracedJob, isIn: (place: SourcePlace) => boolean): string[] {
  const found: string[] = [];
  const expectPlace = (what: string, ...places: (SourcePlace | undefined)[]): void => {
    const known = places.filter((place) => place !== undefined);
    if (known.length === 0 || !known.every(isIn)) found.push(`${job.name}: ${what}`);
  };
  const keys = (what: string, origins: KeyOrigins): void => {
    for (const [path, { key, value }] of Object.entries(origins)) expectPlace(`${what} ${path}`, key, value);
  };
  const { definition } = job;
  if (!definition) return [];
  expectPlace('definition', definition.origin.at);
  keys('key', definition.origin.keys);
  for (const [index, { origin }] of definition.steps.entries()) {
    expectPlace(`step ${index}`, origin.at);
    keys(`step ${index}`, origin.keys);
    if (!origin.calls.some(({ kind }) => kind === 'workflow'))
      found.push(`${job.name}: step ${index} has no calls`);
    for (const call of origin.calls) if (call.line !== undefined) expectPlace('call', call as SourcePlace);
  }
  return found;
}

describe('origins', () => {
  test.each(inputs.map((input) => [input.name, input] as const))(
    'of %s',
    async (_, { source, orbs, parameters = {} }) => {
      const texts = new Map([['config.yml', source]]);
      const recording: OrbResolver = {
        resolve: async (reference) => {
          const found = await orbs.resolve(reference);
          if (found) texts.set(found.resolvedReference, found.source);
          return found;
        },
      };
      const values = { 'git.branch': 'main', 'git.branch.is_default': true, number: 1 };
      const input = { source, parameters, values, orbs: recording, fileName: 'config.yml' };
      const result = await compilePipeline({ ...input, ref: { branch: 'main' }, origins: true });
      if (!result.ok) return;
      const isIn = ({ file, line, column }: SourcePlace): boolean => {
        const text = texts.get(file ?? '')?.split(/\r\n|[\r\n\u0085\u2028\u2029]/)[line - 1];
        return text !== undefined && column >= 1 && column <= text.length + 1;
      };
      const missing = result.traced!.flatMap(({ jobs }) => jobs.flatMap((job) => unplaced(job, isIn)));
      expect(missing).toEqual([]);
    },
  );
});
