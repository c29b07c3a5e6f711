// Configs that are made to be too much: they end with a problem that names the limit, and what is told of them stays small.
import { describe, expect, test } from '@jest/globals';
import type { CompileInput } from './config.types.js';
import { limitCases, smallLimits } from './limit-cases.testing.js';
import { outline } from './outline.js';
import { compilePipeline, type PipelineResult } from './pipeline.js';

const job = 'docker: [{image: a}], steps: [checkout]';

function run(source: string, more: Partial<CompileInput> = {}): Promise<PipelineResult> {
  const input = { source, parameters: {}, values: { 'git.branch': 'dev' } };
  const orbs = { resolve: async () => undefined };
  return compilePipeline({ ...input, orbs, ...more, ref: { branch: 'dev' } });
}
const messages = (result: PipelineResult): string[] =>
  result.ok ? [] : result.errors.map(({ message }) => message.split('\n').at(-1)!);

describe('limits', () => {
  const limitNames = Object.fromEntries(Object.keys(limitCases).map((name) => [name, `NAME_OF_${name}`]));

  test.each(Object.entries(limitCases))('%s: the message has its value and its name', async (name, limit) => {
    const { source, message } = limit;
    const tooMuch = await run(source, { limits: smallLimits, limitNames });
    expect(messages(tooMuch)).toEqual([`${message} (the limit NAME_OF_${name})`]);
    expect(messages(await run(source, { limits: smallLimits }))).toEqual([message]);
    expect(messages(await run(source))).toEqual([]);
  });

  test.each(['sourceLength', 'nodes', 'depth'] as const)('%s is one of the outline, too', (name) => {
    const { source, message } = limitCases[name];
    const told = { ok: false, errors: [{ message: `${message} (the limit NAME_OF_${name})` }] };
    expect(outline(source, { limits: smallLimits, limitNames })).toMatchObject(told);
    expect(outline(source).ok).toBe(true);
  });

  test('one that is used up ends the compilation: it is not met again at every job', async () => {
    const jobs = Array.from({ length: 50 }, (_, i) => `j${i}`);
    const steps = 'docker: [{image: a}], steps: [checkout, checkout, checkout]';
    const source = `version: 2.1\njobs: {${jobs.map((name) => `${name}: {${steps}}`).join(', ')}}\nworkflows: {w: {jobs: [${jobs.join(', ')}]}}`;
    expect(messages(await run(source, { limits: { steps: 10 } }))).toEqual([
      'The config is too large: it has more than 10 steps',
    ]);
  });

  test('what is compiled has a length', async () => {
    const numbers = Array.from({ length: 100 }, (_, i) => i).join(', ');
    const source = `version: 2.1
jobs: {build: {parameters: {n: {type: integer}}, docker: [{image: a}], steps: [run: "${'x'.repeat(1_000)} << parameters.n >>"]}}
workflows: {w: {jobs: [build: {matrix: {parameters: {n: [${numbers}]}}}]}}`;
    expect(messages(await run(source, { limits: { compiledLength: 50_000 } }))).toEqual([
      'The config is too large: it has more than 50000 characters when it is compiled',
    ]);
    expect((await run(source)).ok).toBe(true);
  });
});

describe('what is told', () => {
  test('of problems: the first five hundred, and that there are more', async () => {
    const names = Array.from({ length: 2_000 }, (_, i) => `missing${i}`).join(', ');
    const found = messages(
      await run(`version: 2.1\njobs: {a: {${job}}}\nworkflows: {w: {jobs: [${names}]}}`),
    );
    expect(found).toHaveLength(501);
    expect(found[0]).toBe('Cannot find a definition for job named missing0');
    expect(found[500]).toBe('There are more problems than these 500');
  });

  test('of one problem: not the whole of a long text', async () => {
    const source = `version: 2.1\njobs: {build: {docker: [{image: a}], steps: [run: "<< ${'x'.repeat(1_000_000)}"]}}`;
    const result = await run(source);
    expect(JSON.stringify(result).length).toBeLessThan(300_000);
    expect(messages(result)[0]).toContain("Unclosed '<<' tag");
  });

  test('of what does not run: every job, the first of them in full', async () => {
    const numbers = Array.from({ length: 2_000 }, (_, i) => i).join(', ');
    const patterns = Array.from({ length: 200 }, (_, i) => `/release-${i}/`).join(', ');
    const result = await run(`version: 2.1
jobs: {build: {parameters: {n: {type: integer}}, ${job}}}
workflows: {w: {jobs: [build: {matrix: {parameters: {n: [${numbers}]}}, filters: {branches: {only: [${patterns}]}}}]}}`);
    if (!result.ok) throw new Error(messages(result).join('\n'));
    expect(result.notRun).toHaveLength(2_001);
    expect(JSON.stringify(result.notRun).length).toBeLessThan(700_000);
    expect(result.notRun[0]!.reasons).toMatchObject([{ type: 'filter', value: 'dev' }]);
    expect(result.notRun[1_999]!.reasons).toMatchObject([
      { type: 'filter', patterns: ['/release-0/'], at: { line: 3 } },
    ]);
  });
});
