// Whatever does not run has its reason: the rule, its place, and the values that it saw.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CompileInput } from '../config.types.js';
import { parseExpression, type Expression } from '../expression/parse.js';
import { compilePipeline } from '../pipeline.js';
import type { PlanRef } from '../plan/filters.js';
import { expressionText } from './expression.js';
import { notRunText } from './reason-text.js';
import type { NotRun } from './reason.types.js';

const job = 'docker: [{image: a}], steps: [checkout]';

async function notRun(
  workflows: string,
  ref: PlanRef = { branch: 'dev' },
  more: Partial<CompileInput> = {},
): Promise<NotRun[]> {
  const names = ['a', 'b', 'c'].map((name) => `${name}: {${job}}`);
  const source = `version: 2.1
parameters: {deploy: {type: boolean, default: false}, level: {type: integer, default: 3}}
jobs: {${names.join(', ')}, m: {parameters: {os: {type: string}, n: {type: integer}}, ${job}}}
workflows:
${workflows}`;
  const values = { 'git.branch': ref.branch ?? '', 'git.tag': ref.tag ?? '' };
  const input = { source, parameters: {}, values, orbs: { resolve: async () => undefined } };
  const result = await compilePipeline({ ...input, ...more, ref });
  if (!result.ok) throw new Error(JSON.stringify(result.errors, null, 1));
  return result.notRun.filter(({ reasons }) => reasons[0]!.type !== 'unused');
}
const lines = async (...args: Parameters<typeof notRun>): Promise<string[]> =>
  (await notRun(...args)).map((each) => notRunText(each, 'c.yml'));

describe('workflows that are not created', () => {
  test('an expression: each part that was looked at, down to the variables', async () => {
    const when =
      '(pipeline.git.branch == "main" or pipeline.git.branch matches /rel.*/) and pipeline.parameters.deploy';
    expect(await notRun(`  w:\n    when: ${when}\n    jobs: [a]`)).toEqual([
      {
        workflow: 'w',
        reasons: [
          {
            type: 'condition',
            key: 'when',
            at: { line: 6, column: 11 },
            condition: {
              text: when,
              value: false,
              at: { line: 6, column: 11 },
              operands: [
                {
                  text: '(pipeline.git.branch == "main") or (pipeline.git.branch matches /rel.*/)',
                  value: false,
                  operands: [
                    {
                      text: 'pipeline.git.branch == "main"',
                      value: false,
                      operands: [{ text: 'pipeline.git.branch', value: 'dev' }],
                    },
                    {
                      text: 'pipeline.git.branch matches /rel.*/',
                      value: false,
                      operands: [{ text: 'pipeline.git.branch', value: 'dev' }],
                    },
                  ],
                },
              ],
            },
          },
        ],
      },
    ]);
  });

  test('a statement: its arguments as far as they were looked at, with their places', async () => {
    const found = await notRun(`  w:
    when:
      and:
        - not: << pipeline.parameters.deploy >>
        - or:
            - equal: [main, << pipeline.git.branch >>]
            - matches: {pattern: /v.*/, value: "x-<< pipeline.git.branch >>"}
        - equal: [1, 2]
    jobs: [a]`);
    expect(found[0]!.reasons).toMatchObject([
      {
        type: 'condition',
        condition: {
          value: false,
          operands: [
            { text: '{not: << pipeline.parameters.deploy >>}', value: true, at: { line: 8, column: 11 } },
            {
              value: false,
              operands: [
                {
                  text: '{equal: [main, << pipeline.git.branch >>]}',
                  value: false,
                  operands: [{ text: '<< pipeline.git.branch >>', value: 'dev' }],
                },
                {
                  value: false,
                  operands: [{ value: 'x-dev', operands: [{ text: 'pipeline.git.branch', value: 'dev' }] }],
                },
              ],
            },
          ],
        },
      },
    ]);
    const [reason] = found[0]!.reasons;
    expect(reason!.type === 'condition' && reason!.condition.operands).toHaveLength(2);
  });

  test('unless, a schedule, and a workflow that has lost all its jobs', async () => {
    const found = await lines(`  one: {unless: << pipeline.parameters.level >>, jobs: [a]}
  two:
    triggers: [{schedule: {cron: "0 0 * * *", filters: {branches: {only: main}}}}]
    jobs: [a]
  three: {jobs: [{a: {filters: {branches: {ignore: [x, /d.*/]}}}}]}`);
    expect(found).toEqual([
      'workflow one is not created: unless is true: << pipeline.parameters.level >> (it came to 3) (c.yml:5:17)',
      'workflow two is not created: it runs on its own schedule only (c.yml:7:15)',
      'job a of workflow three does not run: its filter ignores branches /d.*/, and so branch "dev" (c.yml:9:52)',
      'workflow three is not created: none of its jobs runs (c.yml:9:10)',
    ]);
  });
});

describe('jobs that do not run', () => {
  test('filters of branches and tags, expressions, requirements down the graph', async () => {
    const workflow = `  w:
    jobs:
      - a: {filters: {branches: {only: [main, /rel.*/]}, tags: {only: /v.*/}}}
      - b: {requires: [a]}
      - c: {requires: [b], filters: 'pipeline.git.branch == "dev" or pipeline.git.tag starts-with "x"'}
      - m: {os: linux, n: 1}`;
    expect(await lines(workflow)).toEqual([
      'job a of workflow w does not run: its filter takes only branches main, /rel.*/, not branch "dev" (c.yml:7:40)',
      'job b of workflow w does not run: it requires a, which does not run (c.yml:8:24)',
      'job c of workflow w does not run: it requires b, which does not run (c.yml:9:24)',
    ]);
    expect(await lines(workflow, { tag: 'v1' })).toEqual([
      'job b of workflow w does not run: it has no filter for tags, so it does not run for tag "v1" (c.yml:8:9)',
      'job c of workflow w does not run: filters is false: pipeline.git.branch == "dev" or pipeline.git.tag starts-with "x"; pipeline.git.branch is ""; pipeline.git.tag is "v1" (c.yml:9:37)',
      'job m of workflow w does not run: it has no filter for tags, so it does not run for tag "v1" (c.yml:10:9)',
    ]);
  });

  test('combinations that a matrix excludes, by the names that they would have', async () => {
    const found = await notRun(`  w:
    jobs:
      - m:
          matrix:
            parameters: {os: [linux, mac], n: [1, 2]}
            exclude: [{os: mac, n: 2}]`);
    expect(found).toEqual([
      {
        workflow: 'w',
        job: 'm-2-mac',
        reasons: [{ type: 'matrix_exclude', values: { n: 2, os: 'mac' }, at: { line: 10, column: 23 } }],
      },
    ]);
  });

  test('jobs that no workflow names, and the names of other jobs count', async () => {
    const source = `version: 2.1
jobs: {a: b, b: {${job}}, c: {${job}}}
workflows: {w: {when: false, jobs: [a]}}`;
    const input = { source, parameters: {}, values: {}, orbs: { resolve: async () => undefined } };
    const result = await compilePipeline({ ...input, ref: { branch: 'x' } });
    expect(result).toMatchObject({
      ok: true,
      notRun: [{ workflow: 'w' }, { job: 'c', reasons: [{ type: 'unused' }] }],
    });
  });
});

describe('what is explained stays small', () => {
  test('long texts and values are cut, and a huge condition is shown without its parts', async () => {
    const long = 'x'.repeat(5_000);
    const many = Array.from({ length: 3_000 }, () => '<< pipeline.parameters.level >>').join(', ');
    const found = await notRun(`  one: {when: {equal: [main, "${long}<< pipeline.git.branch >>"]}, jobs: [a]}
  two: {when: {not: {and: [${many}]}}, jobs: [a]}
  three: {when: 'pipeline.git.branch == "${long}"', jobs: [a]}`);
    expect(found.map(({ workflow }) => workflow)).toEqual(['one', 'two', 'three']);
    expect(JSON.stringify(found).length).toBeLessThan(12_000);
  });

  test('explaining takes nothing of the limits that compiling has', async () => {
    const parts = Array.from({ length: 60 }, () => '<< pipeline.parameters.level >>').join(', ');
    const workflow = `  w: {when: {not: {and: [${parts}]}}, jobs: [a]}`;
    const found = await notRun(workflow, { branch: 'x' }, { limits: { evaluatedNodes: 100 } });
    expect(found).toHaveLength(1);
  });
});

describe('the text of an expression', () => {
  const name = fc.constantFrom('pipeline.git.branch', 'pipeline.parameters.a-b', 'x');
  const { tree } = fc.letrec<{ tree: Expression }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.record({ kind: fc.constant('literal'), value: fc.oneof(fc.string(), fc.integer(), fc.boolean()) }),
      name.map((text) => ({ kind: 'variable', name: text })),
      fc.record({ kind: fc.constant('not'), operand: tie('tree') }),
      fc.record({
        kind: fc.constant('binary'),
        operator: fc.constantFrom('or', 'and', '==', '!=', 'starts-with', '>=', '>', '<=', '<'),
        left: tie('tree'),
        right: tie('tree'),
      }),
    ) as fc.Arbitrary<Expression>,
  }));
  const withoutTokens = (expression: Expression): unknown =>
    JSON.parse(JSON.stringify(expression, (key, value) => (key === 'token' ? undefined : value)));

  test('is read back as the same expression', () => {
    fc.assert(
      fc.property(tree, (expression) => {
        const read = parseExpression(expressionText(expression), 100);
        expect(withoutTokens(read)).toEqual(withoutTokens(expression));
      }),
    );
  });

  test('with a regular expression that has slashes', () => {
    expect(expressionText(parseExpression('x matches /a\\/b/', 100))).toBe('x matches /a\\/b/');
  });
});
