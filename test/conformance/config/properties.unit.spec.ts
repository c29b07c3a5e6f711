// What must hold for every config: compiled output compiles to itself, and no input at all gets more out of the compiler
// than a document or a list of problems. The cases are the seeds, and real configs where there are any (runner/corpus.ts).
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compile, plan, storedOrbs as orbsOf } from '../../../src/pipelines/config/index.js';
import type { CompileLimits, CompileResult, OrbResolver } from '../../../src/pipelines/config/index.js';
import { readCases } from './runner/case.js';
import { corpusIsPresent, NO_CORPUS, realConfigs, storedOrbs } from './runner/corpus.js';

const cases = readCases();
const noOrbs: OrbResolver = { resolve: () => Promise.resolve(undefined) };
const orbs = corpusIsPresent ? storedOrbs() : noOrbs;
const real = corpusIsPresent ? realConfigs() : [];
if (!corpusIsPresent) process.stderr.write(`\n${NO_CORPUS}\n`);

/** Far below the defaults, so that a mutation that makes much of little is stopped soon. */
const limits: Partial<CompileLimits> = {
  nodes: 20_000,
  evaluatedNodes: 50_000,
  evaluatedCharacters: 1_000_000,
  steps: 2_000,
  jobs: 200,
};

function run(source: string, resolver = orbs, more: Partial<CompileLimits> = limits): Promise<CompileResult> {
  const values = { number: 1, 'git.branch': 'main' };
  return compile({ source, parameters: {}, values, orbs: resolver, limits: more });
}

/** Neither throws nor fails by a fault of its own. */
async function expectAnswer(source: string): Promise<void> {
  const result = await run(source);
  const planned = result.ok ? plan(result.document, { branch: 'main' }) : undefined;
  const errors = [...(result.ok ? [] : result.errors), ...(planned?.ok === false ? planned.errors : [])];
  for (const { message } of errors) expect(message).not.toMatch(/^The config could not be/);
  if (!result.ok) expect(result.errors.length).toBeGreaterThan(0);
}

describe('compiled output', () => {
  const inputs = [
    ...cases.map(({ path, config, orbs: given }) => ({
      name: path,
      source: config,
      orbs: orbsOf(given),
    })),
    ...real.map(({ name, source }) => ({ name, source, orbs })),
  ];

  test.each(inputs.map((input) => [input.name, input] as const))(
    'of %s compiles to itself',
    async (_, input) => {
      const once = await run(input.source, input.orbs, {});
      if (!once.ok) return;
      const twice = await run(once.yaml, noOrbs, {});
      if (!twice.ok) throw new Error(twice.errors.map(({ message }) => message).join('\n'));
      // `setup` marks a 2.1 config only (C-023), and compiled output says that it is version 2.
      const comparable = (text: string): string => text.replace(/^(#.*|setup: true)\n/gm, '');
      expect(comparable(twice.yaml)).toBe(comparable(once.yaml));
      expect({ ...twice.document, setup: undefined }).toEqual({ ...once.document, setup: undefined });
    },
  );
});

const pieces = [
  ...'"\'[]{}:,#&*!|>%@`\\-?<.\t \n0a~é',
  '<<',
  '>>',
  '\\<<',
  '<< parameters.x >>',
  '<<# parameters.x >>',
  '<< pipeline.git.branch == "x" >>',
  '<<: *x',
  '&x',
  '*x',
  '- ',
  ': ',
  '\n  ',
  '---\n',
  'null',
  'true',
  '1e9999',
  '9'.repeat(30),
  '__proto__',
  'constructor',
  '[]',
  '{}',
  '!!str',
  '\u0000',
  '\ud800',
  '\u2028',
];

interface Edit {
  at: number;
  remove: number;
  insert: string;
  /** Moves a whole line instead. */
  line: boolean;
}
const edits = fc.array(
  fc.record<Edit>({
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    remove: fc.nat(12),
    insert: fc.constantFrom('', ...pieces),
    line: fc.boolean(),
  }),
  { minLength: 1, maxLength: 4 },
);

function mutate(source: string, list: readonly Edit[]): string {
  return list.reduce((text, { at, remove, insert, line }) => {
    if (!line) {
      const offset = Math.floor(at * text.length);
      return text.slice(0, offset) + insert + text.slice(offset + remove);
    }
    const lines = text.split('\n');
    const from = Math.floor(at * lines.length);
    const [moved = ''] = lines.splice(from, 1);
    lines.splice(
      Math.max(0, from - remove),
      0,
      remove % 2 === 0 ? `  ${moved}` : moved.replace(/^ {1,2}/, ''),
    );
    return lines.join('\n');
  }, source);
}

describe('any input', () => {
  test('that is a case with mistakes gets an answer', async () => {
    const seed = fc.constantFrom(...cases.map(({ config }) => config));
    const property = fc.asyncProperty(seed, edits, (source, list) => expectAnswer(mutate(source, list)));
    await fc.assert(property, { numRuns: 800 });
  });

  test('that is a real config with mistakes gets an answer', async () => {
    if (real.length === 0) return;
    const seed = fc.constantFrom(...real.map(({ source }) => source));
    const property = fc.asyncProperty(seed, edits, (source, list) => expectAnswer(mutate(source, list)));
    await fc.assert(property, { numRuns: 100 });
  });

  test('that is data of any shape under the right names gets an answer', async () => {
    const names =
      'version jobs build test workflows main commands executors orbs parameters steps run command when unless condition and or not equal matches pattern value docker image machine environment executor name type default enum matrix exclude alias requires filters branches only ignore context pre-steps post-steps setup job-groups serial-group override-with parallelism resource_class __proto__';
    const texts =
      'build test main checkout string boolean integer enum steps executor approval no-op lock x 2.1 ~ /.*/ /(/ << << parameters.x >> << pipeline.parameters.x >> << matrix.x >> << 1 + >> << pipeline.number > 1 >> success failed';
    const scalar = fc.oneof(
      fc.constantFrom(
        ...texts.split(' '),
        '<< parameters.x >>',
        '<< matrix.x >>',
        '<< pipeline.number > 1 >>',
      ),
      fc.integer({ min: -2, max: 200 }),
      fc.boolean(),
      fc.constant(null),
      fc.double(),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 7, withCrossShrink: true },
        scalar,
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...names.split(' ')), tie('value'), { maxKeys: 4 }),
      ),
    }));
    const sections = fc.dictionary(
      fc.constantFrom(
        'jobs',
        'workflows',
        'commands',
        'executors',
        'orbs',
        'parameters',
        'setup',
        'job-groups',
      ),
      value,
      { maxKeys: 6 },
    );
    const property = fc.asyncProperty(sections, fc.constantFrom(2, 2.1), (document, version) =>
      expectAnswer(JSON.stringify({ version, ...document })),
    );
    await fc.assert(property, { numRuns: 800 });
  });

  test.each([
    [
      'aliases of aliases',
      `version: 2.1\na0: &a0 [x]\n${Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]\n`).join('')}`,
    ],
    [
      'merges of merges',
      `version: 2.1\na0: &a0 {k: x}\n${Array.from({ length: 40 }, (_, i) => `a${i + 1}: &a${i + 1} {<<: [*a${i}, *a${i}], k${i}: [*a${i}, *a${i}]}\n`).join('')}`,
    ],
    ['deep brackets', `version: 2.1\na: ${'['.repeat(200_000)}`],
    ['deep maps', `version: 2.1\na: ${'{a: '.repeat(50_000)}`],
    ['deep blocks', Array.from({ length: 2_000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    ['many documents', '---\n'.repeat(100_000)],
    ['one long line', `version: 2.1\na: ${'x '.repeat(1_000_000)}`],
    [
      'many brackets of templates',
      `version: 2.1\njobs: {build: {machine: true, steps: [run: "${'<< '.repeat(100_000)}"]}}`,
    ],
    [
      'a template of templates',
      `version: 2.1\njobs: {build: {machine: true, steps: [run: "${'<< 1 >>'.repeat(100_000)}"]}}`,
    ],
    [
      'nested parentheses',
      `version: 2.1\njobs: {build: {machine: true, steps: [run: "<< ${'('.repeat(100_000)} >>"]}}`,
    ],
    [
      'many operators',
      `version: 2.1\njobs: {build: {machine: true, steps: [run: "<< ${'1 and '.repeat(50_000)} 1 >>"]}}`,
    ],
    [
      'open sections',
      `version: 2.1\njobs: {build: {machine: true, steps: [run: "${'<<# parameters.x >>'.repeat(50_000)}"]}}`,
    ],
    [
      'a matrix of matrices',
      `version: 2.1\njobs: {build: {machine: true, steps: [checkout]}}\nworkflows: {w: {jobs: [{build: {matrix: {parameters: {${Array.from({ length: 20 }, (_, i) => `p${i}: [1, 2, 3, 4]`).join(', ')}}}}}]}}`,
    ],
    [
      'doubling text',
      `version: 2.1\ncommands:\n${Array.from({ length: 40 }, (_, i) => `  c${i}: {parameters: {x: {type: string}}, steps: [{c${i + 1}: {x: "<< parameters.x >><< parameters.x >>"}}]}\n`).join('')}  c40: {parameters: {x: {type: string}}, steps: [{run: << parameters.x >>}]}\njobs: {build: {machine: true, steps: [{c0: {x: abc}}]}}`,
    ],
    [
      'doubling steps',
      `version: 2.1\ncommands:\n${Array.from({ length: 40 }, (_, i) => `  c${i}: {steps: [c${i + 1}, c${i + 1}]}\n`).join('')}  c40: {steps: [checkout]}\njobs: {build: {machine: true, steps: [c0]}}`,
    ],
    [
      'commands in a circle',
      'version: 2.1\ncommands: {a: {steps: [b]}, b: {steps: [a]}}\njobs: {build: {machine: true, steps: [a]}}',
    ],
    ['definitions in a circle', 'version: 2.1\njobs: {build: other, other: build}\nexecutors: {a: b, b: a}'],
  ])('%s come to an end', async (_, source) => {
    const result = await run(source, noOrbs, {});
    if (!result.ok)
      for (const { message } of result.errors) expect(message).not.toMatch(/^The config could not be/);
  });
});
