// Every step and key of the job graph knows the place it came from, whatever way it took.
import { describe, expect, test } from '@jest/globals';
import type { OrbResolver } from '../config.types.js';
import { compilePipeline, type PipelineResult } from '../pipeline.js';
import type { TracedJob } from './origins.js';

const ORB = `version: 2.1
commands:
  hello:
    parameters: {who: {type: string, default: world}}
    steps:
      - run:
          name: Say hello
          command: echo << parameters.who >>
executors:
  small:
    parameters:
      tag: {type: string, default: lts}
    docker:
      - image: "cimg/node:<< parameters.tag >>"
    environment: {FROM: orb}
`;
const orbs: OrbResolver = {
  resolve: async (reference) => ({ source: ORB, resolvedReference: `${reference}.0.0` }),
};

async function pipeline(source: string, more: { branch?: string } = {}): Promise<PipelineResult> {
  const ref = { branch: more.branch ?? 'main' };
  const input = { source, parameters: {}, values: {}, orbs, fileName: 'config.yml' };
  return compilePipeline({ ...input, ref, origins: true });
}
async function jobs(source: string): Promise<TracedJob[]> {
  const result = await pipeline(source);
  if (!result.ok) throw new Error(JSON.stringify(result.errors, null, 1));
  return result.traced!.flatMap((workflow) => workflow.jobs);
}
const at = (line: number, column: number, file = 'config.yml') => ({ file, line, column });
const inOrb = (line: number, column: number) => at(line, column, 'acme/tool@1.0.0');

const CONFIG = `version: 2.1
orbs:
  tool: acme/tool@1
defaults: &defaults
  working_directory: ~/x
  environment: {A: merged}
commands:
  greet:
    parameters: {who: {type: string}, after: {type: steps, default: []}}
    steps:
      - tool/hello: {who: << parameters.who >>}
      - steps: << parameters.after >>
jobs:
  build:
    <<: *defaults
    parameters: {n: {type: integer, default: 2}}
    executor: {name: tool/small, tag: "20"}
    parallelism: << parameters.n >>
    steps:
      - checkout
      - greet:
          who: me
          after:
            - run: after
workflows:
  main:
    jobs:
      - build:
          matrix:
            parameters: {n: [3]}
          context: secrets
          pre-steps: [{run: first}]
`;

describe('origins', () => {
  test('of steps: through commands, orbs, steps parameters and pre-steps', async () => {
    const [job] = await jobs(CONFIG);
    const steps = job!.definition!.steps;
    const main = { kind: 'workflow', name: 'main', ...at(27, 5) };
    const build = { kind: 'job', name: 'build', ...at(28, 9) };
    expect(steps.map(({ origin }) => [origin.at, origin.calls])).toEqual([
      [at(32, 23), [main]],
      [at(20, 9), [main, build]],
      [
        inOrb(6, 9),
        [
          main,
          build,
          { kind: 'command', name: 'greet', ...at(21, 9) },
          { kind: 'command', name: 'tool/hello', ...at(11, 9) },
        ],
      ],
      [at(24, 15), [main, build]],
    ]);
  });

  test('of keys: where they are written, and where the values of their parameters are', async () => {
    const [job] = await jobs(CONFIG);
    const { origin, steps } = job!.definition!;
    expect(steps[2]!.origin.keys).toEqual({
      name: { key: inOrb(7, 11), value: inOrb(7, 17) },
      command: {
        key: inOrb(8, 11),
        value: inOrb(8, 20),
        variables: [{ name: 'parameters.who', at: at(22, 16) }],
      },
    });
    expect(origin.at).toEqual(at(15, 5));
    expect(origin.keys['docker/0/image']).toEqual({
      key: inOrb(14, 9),
      value: inOrb(14, 16),
      variables: [{ name: 'parameters.tag', at: at(17, 39) }],
    });
    // From a matrix, a merge key, and an executor's environment under that of the job.
    expect(origin.keys['parallelism']).toEqual({ key: at(18, 5), value: at(30, 30) });
    expect(origin.keys['working_directory']).toEqual({ key: at(5, 3), value: at(5, 22) });
    expect(origin.keys['environment/0/FROM']).toEqual({ key: inOrb(15, 19), value: inOrb(15, 25) });
    expect(origin.keys['environment/1/A']).toEqual({ key: at(6, 17), value: at(6, 20) });
    expect(job!.origin.keys['context']).toEqual({ key: at(31, 11), value: at(31, 20) });
  });

  test('the same command called twice has two call chains', async () => {
    const [job] = await jobs(`version: 2.1
commands:
  twice:
    steps:
      - checkout
jobs:
  build:
    docker: [{image: a}]
    steps:
      - twice
      - twice
workflows: {main: {jobs: [build]}}
`);
    const lines = job!.definition!.steps.map(({ origin }) => [
      origin.at!.line,
      origin.calls.map((call) => call.line),
    ]);
    expect(lines).toEqual([
      [5, [12, 12, 10]],
      [5, [12, 12, 11]],
    ]);
  });
});

describe('places of problems', () => {
  async function problems(source: string) {
    const result = await pipeline(source);
    return result.ok ? [] : result.errors;
  }

  test('of the compiler: the innermost place, with the calls around it', async () => {
    const found = await problems(CONFIG.replace('who: me', 'whom: me'));
    expect(found).toMatchObject([
      {
        ...at(22, 17),
        calls: [
          { kind: 'workflow', name: 'main', line: 27 },
          { kind: 'job', name: 'build', line: 28 },
          { kind: 'command', name: 'greet', line: 21 },
        ],
      },
      { calls: [{ name: 'main' }, { name: 'build' }, { name: 'greet' }] },
    ]);
  });

  test('in an orb: its reference stands for the file', async () => {
    const broken = { resolve: async () => ({ source: 'a: [', resolvedReference: 'acme/tool@1.0.0' }) };
    const result = await compilePipeline({
      source: CONFIG,
      parameters: {},
      values: {},
      orbs: broken,
      fileName: 'config.yml',
      ref: {},
    });
    expect(result).toMatchObject({
      ok: false,
      stage: 'config',
      errors: [{ file: 'acme/tool@1.0.0', line: 1 }],
    });
  });

  test('of the planner: the place in the source, not in the compiled document', async () => {
    const source = CONFIG.replace('- run: after', '- run: {command: x, no_output_timeout: soon}');
    const result = await pipeline(source);
    expect(result).toMatchObject({
      ok: false,
      stage: 'plan',
      errors: [
        {
          ...at(24, 52),
          pointer: '#/jobs/build-3/steps/3/run/no_output_timeout',
          calls: [{ name: 'main' }, { name: 'build' }],
        },
      ],
    });
  });
});

test('odd names of parameters mean the same when it is asked where things come from', async () => {
  const [job] = await jobs(`version: 2.1
parameters: {my flag: {type: boolean, default: true}}
jobs:
  build:
    docker: [{image: a}]
    environment: {ON: << not pipeline.parameters.my flag >>, TOO: "is << pipeline.parameters.my flag >>"}
    steps: [checkout]
workflows: {w: {jobs: [build]}}
`);
  expect(job!.definition!.environment).toEqual({ ON: '0', TOO: 'is true' });
});
