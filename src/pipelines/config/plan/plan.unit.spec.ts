// Planning: filters, requirements, jobs and steps in the form the agent takes.
import { describe, expect, test } from '@jest/globals';
import type { CompiledDocument } from '../config.types.js';
import type { PlannedWorkflow, RunStep } from './plan.types.js';
import type { PlanRef } from './filters.js';
import { plan } from './plan.js';

const image = [{ image: 'cimg/base:stable' }];
const body = { docker: image, steps: ['checkout'] };

function document(workflows: Record<string, unknown>, jobs: CompiledDocument['jobs'] = {}): CompiledDocument {
  const names = 'abcdefgh'.split('').map((name) => [name, body] as const);
  return {
    version: 2,
    jobs: { ...Object.fromEntries(names), ...jobs },
    workflows: { ...workflows, version: 2 },
  };
}
function planned(value: CompiledDocument, ref: PlanRef = { branch: 'main' }): PlannedWorkflow[] {
  const result = plan(value, ref);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.workflows;
}
const namesOf = (filters: unknown, ref: PlanRef): string[] =>
  planned(document({ w: { jobs: [{ a: { filters } }] } }), ref).flatMap(({ jobs }) =>
    jobs.map(({ name }) => name),
  );

describe('filters', () => {
  test.each([
    [undefined, { branch: 'main' }, true],
    [undefined, { tag: 'v1' }, false],
    [{ branches: { only: 'main' } }, { branch: 'main' }, true],
    [{ branches: { only: ['dev', '/ma.*/'] } }, { branch: 'main' }, true],
    [{ branches: { only: '/ma/' } }, { branch: 'main' }, false],
    [{ branches: { ignore: '/.*/' }, tags: { only: '/^v.*/' } }, { branch: 'main' }, false],
    [{ branches: { ignore: '/.*/' }, tags: { only: '/^v.*/' } }, { tag: 'v1' }, true],
    [{ tags: { only: '/^v.*/' } }, { branch: 'main' }, true],
    [{ tags: { only: '/^v.*/' } }, { tag: 'x' }, false],
    [{ tags: { ignore: 'v1' } }, { tag: 'v2' }, true],
    [{ branches: { only: 'main', ignore: 'main' } }, { branch: 'main' }, true],
    ['pipeline.git.branch == "main"', { branch: 'main' }, true],
    ['pipeline.git.branch == "main"', { tag: 'v1' }, false],
    ['pipeline.git.tag starts-with "v"', { tag: 'v1' }, true],
    ['pipeline.git.branch.is_default', { branch: 'x', isDefaultBranch: false }, false],
    [true, { tag: 'v1' }, true],
  ])('%j on %j: %p', (filters, ref, runs) => {
    expect(namesOf(filters, ref)).toEqual(runs ? ['a'] : []);
  });

  test('a bad pattern is a problem that names the workflow', () => {
    expect(
      plan(document({ w: { jobs: [{ a: { filters: { branches: { only: '/(/' } } } }] } }), { branch: 'x' }),
    ).toEqual({
      ok: false,
      errors: [
        {
          message: "Error calling workflow: 'w'\nInvalid regular expression: /(/: a group is not closed by )",
          pointer: '#/workflows/w',
        },
      ],
    });
  });
});

describe('requirements', () => {
  const never = { filters: { branches: { only: 'never' } } };

  test('on filtered jobs are dropped; a job that loses all is out, and those behind it (C-288)', () => {
    const jobs = [
      'a',
      { b: never },
      { c: { requires: ['a', 'b'] } },
      { d: { requires: ['b'] } },
      { e: { requires: ['d'] } },
    ];
    const [workflow] = planned(document({ w: { jobs } }));
    expect(workflow?.jobs.map(({ name, requires }) => [name, requires])).toEqual([
      ['a', []],
      ['c', [{ job: 'a', statuses: ['success'] }]],
    ]);
  });

  test('statuses, with terminal as all of them', () => {
    const jobs = [
      'a',
      { b: { requires: [{ a: ['failed', 'canceled'] }] } },
      { c: { requires: [{ a: 'terminal' }] } },
    ];
    const [workflow] = planned(document({ w: { jobs } }));
    expect(workflow?.jobs[1]?.requires).toEqual([{ job: 'a', statuses: ['failed', 'canceled'] }]);
    expect(workflow?.jobs[2]?.requires[0]?.statuses).toHaveLength(5);
  });

  test('a workflow without jobs, and one for schedules, do not appear', () => {
    const triggers = [{ schedule: { cron: '0 0 * * *' } }];
    expect(planned(document({ w: { jobs: [{ a: never }] }, nightly: { triggers, jobs: ['a'] } }))).toEqual(
      [],
    );
  });

  test('approvals, no-op jobs, contexts, reruns', () => {
    const jobs = [{ hold: { type: 'approval' } }, { nothing: { requires: ['hold'], context: 'c' } }];
    expect(planned(document({ w: { jobs, max_auto_reruns: 2 } }, { nothing: { type: 'no-op' } }))).toEqual([
      {
        name: 'w',
        maxAutoReruns: 2,
        jobs: [
          { name: 'hold', type: 'approval', requires: [], contexts: [] },
          {
            name: 'nothing',
            type: 'no-op',
            requires: [{ job: 'hold', statuses: ['success'] }],
            contexts: ['c'],
          },
        ],
      },
    ]);
  });
});

describe('jobs', () => {
  const definition = (job: Record<string, unknown>) =>
    planned(document({ w: { jobs: ['j'] } }, { j: { ...body, ...job } }))[0]?.jobs[0]?.definition;
  const step = (value: unknown) => definition({ steps: [value] })?.steps[0];
  const problem = (job: Record<string, unknown>) => {
    const result = plan(document({ w: { jobs: ['j'] } }, { j: { ...body, ...job } }), { branch: 'x' });
    return result.ok ? undefined : result.errors[0];
  };

  test('defaults', () => {
    expect(definition({})).toEqual({
      executor: { type: 'docker', images: [{ image: 'cimg/base:stable', environment: {} }] },
      resourceClass: 'default',
      parallelism: 1,
      workingDirectory: '~/project',
      environment: {},
      steps: [{ type: 'checkout', name: 'Checkout code', when: 'on_success', method: 'blobless' }],
    });
  });

  test('environments as a process sees them (C-159, C-160, C-213)', () => {
    const environment = [
      { A: true },
      { B: false, C: 7777777 },
      'D=x=y',
      { E: 3306 },
      { F: null },
      { G: 1.5 },
      [{ H: 'h' }],
    ];
    expect(definition({ environment })?.environment).toEqual({
      A: '1',
      B: '0',
      C: '7.777777e+06',
      D: 'x=y',
      E: '3306',
      F: '<nil>',
      G: '1.5',
      H: 'h',
    });
  });

  test('images: command lines split like a shell does (C-376)', () => {
    const docker = [
      {
        image: 'a',
        entrypoint: '/bin/bash',
        command: '-c \'ln -s a b && exec x "y z"\' last\\ one',
        auth: { username: 'u', password: '$P' },
      },
    ];
    expect(definition({ docker })?.executor).toEqual({
      type: 'docker',
      images: [
        {
          image: 'a',
          entrypoint: ['/bin/bash'],
          command: ['-c', 'ln -s a b && exec x "y z"', 'last one'],
          environment: {},
          auth: { username: 'u', password: '$P' },
        },
      ],
    });
    expect(problem({ docker: [{ image: 'a', command: "echo 'a" }] })).toEqual({
      message:
        "Error calling workflow: 'w'\nError calling job: 'j'\n[#/jobs/j/docker/0/command] a quote is not closed in: echo 'a",
      pointer: '#/jobs/j/docker/0/command',
    });
  });

  test.each([
    [{ machine: true }, { type: 'machine', dockerLayerCaching: false }],
    [{ machine: 'default' }, { type: 'machine', image: 'default', dockerLayerCaching: false }],
    [
      { machine: { image: 'i', docker_layer_caching: true } },
      { type: 'machine', image: 'i', dockerLayerCaching: true },
    ],
    [{ macos: { xcode: 14.2 } }, { type: 'macos', xcode: '14.2' }],
  ])('%j', (job, executor) => {
    expect(definition({ docker: undefined, ...job })?.executor).toEqual(executor);
  });

  test('run steps: name, durations, defaults', () => {
    expect(step({ run: 'echo hi' })).toEqual({
      type: 'run',
      name: 'echo hi',
      when: 'on_success',
      command: 'echo hi',
      environment: {},
      background: false,
      noOutputTimeoutSeconds: 600,
      maxAutoReruns: 0,
      autoRerunDelaySeconds: 0,
    });
    const seconds = (value: unknown) =>
      (step({ run: { command: 'c', no_output_timeout: value } }) as RunStep).noOutputTimeoutSeconds;
    expect(['20m', '1.25h', '5s', 900, '1h30m'].map(seconds)).toEqual([1200, 4500, 5, 900, 5400]);
  });

  test('storing steps run always by default; caches take key and keys', () => {
    expect(step({ store_artifacts: { path: 'x' } })).toMatchObject({
      when: 'always',
      name: 'Uploading artifacts',
    });
    expect(step({ store_test_results: { path: 'x', when: 'on_fail' } })).toMatchObject({ when: 'on_fail' });
    expect(step({ restore_cache: { key: 'a', keys: ['b'] } })).toMatchObject({ keys: ['a', 'b'] });
    expect(step({ persist_to_workspace: { root: '.', paths: '.' } })).toMatchObject({ paths: ['.'] });
  });

  test.each([
    [
      { steps: [{ dance: {} }] },
      '[#/jobs/j/steps/0] the step dance is not known to the runtime',
      '#/jobs/j/steps/0',
    ],
    [
      { steps: [{ run: { name: 'x' } }] },
      '[#/jobs/j/steps/0/run] required key [command] not found',
      '#/jobs/j/steps/0/run',
    ],
    [
      { steps: [{ run: { command: 'x', when: 'never' } }] },
      '[#/jobs/j/steps/0/run] Invalid when condition: expected one of on_success, on_fail, always, found: never',
      '#/jobs/j/steps/0/run',
    ],
    [
      { steps: [{ run: { command: 'x', background: true, max_auto_reruns: 2 } }] },
      'Background steps cannot use max_auto_reruns or auto_rerun_delay fields',
      '#/jobs/j/steps/0/run',
    ],
    [{ parallelism: 0 }, '[#/jobs/j/parallelism] expected an integer of at least 1, found: 0', '#/jobs/j'],
    [{ docker: undefined }, '[#/jobs/j] a job needs one of the keys docker, machine, macos', '#/jobs/j'],
  ])('%j is refused', (job, message, pointer) => {
    expect(problem(job)).toEqual({
      message: `Error calling workflow: 'w'\nError calling job: 'j'\n${message}`,
      pointer,
    });
  });
});
