// Why something does not run: asked of the real server for every kind of reason, and told by the command line.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addProject, jobsOf, jobWith, trigger, workflowsOf } from '../support/pipelines.js';
import { makeRepository, type TestRepository } from '../support/repository.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { until } from '../support/until.js';
import { cli } from './cli-support.js';

const CONFIG = `version: 2.1
parameters:
  deploy: {type: boolean, default: false}
executors:
  any: {docker: [{image: cimg/base:current}]}
jobs:
  good:
    parameters: {n: {type: integer, default: 1}}
    executor: any
    steps: [{run: {name: speak, command: print hello}}]
  bad:
    executor: any
    steps: [{run: {name: break, command: fail 3}}]
  apple:
    macos: {xcode: "16.0"}
    steps: [{run: {name: speak, command: print hello}}]
  long:
    executor: any
    steps: [{run: {name: wait, command: hang}}]
workflows:
  main:
    jobs:
      - bad
      - good: {requires: [bad]}
      - good:
          name: release
          filters: {branches: {only: [/release.*/]}}
      - good: {name: after release, requires: [release]}
      - good:
          name: m-<< matrix.n >>
          matrix: {parameters: {n: [1, 2]}, exclude: [{n: 2}]}
      - hold: {type: approval}
      - good: {name: after hold, requires: [hold]}
      - apple
  deploy:
    when: pipeline.parameters.deploy and pipeline.git.branch == "main"
    jobs: [good]
`;
const BUSY = `version: 2.1
executors:
  any: {docker: [{image: cimg/base:current}]}
jobs:
  long:
    parameters: {n: {type: integer}}
    executor: any
    steps: [{run: {name: wait, command: hang}}]
workflows:
  main: {jobs: [long: {matrix: {parameters: {n: [1, 2]}}}]}
`;

interface Explanation {
  kind: string;
  outcome: string;
  workflow?: string;
  job?: string;
  workflow_id?: string;
  reasons: { type: string; message: string; at?: { file?: string; line: number } }[];
}

describe('explain', () => {
  let server: TestServer;
  let repository: TestRepository;
  let slug: string;

  beforeAll(async () => {
    repository = await makeRepository(CONFIG);
    const env = { ROTUNDA_AGENT_EXECUTOR: 'fake', ROTUNDA_AGENT: 'inline', ROTUNDA_AGENT_CAPACITY: '1' };
    server = await startTestServer({ env });
    slug = await addProject(server.api, 'explained', repository.path);
  }, 120_000);
  afterAll(async () => {
    await server?.stop();
    await repository?.remove();
  }, 60_000);

  const explain = async (pipelineId: string): Promise<Explanation[]> =>
    (await server.api.get<{ items: Explanation[] }>(`/api/v2/pipeline/${pipelineId}/explain`)).items;

  it('tells for every workflow and job that does not run the rule and the values, and what others wait for', async () => {
    const pipeline = await trigger(server.api, slug);
    const [workflow] = await until('the workflow', 30_000, async () => {
      const all = await workflowsOf(server.api, pipeline);
      return all.length > 0 ? all : undefined;
    });
    await jobWith(server.api, workflow!.id, 'good', 'not_run');
    await jobWith(server.api, workflow!.id, 'm-1', 'success');
    await jobWith(server.api, workflow!.id, 'hold', 'on_hold');
    await jobWith(server.api, workflow!.id, 'apple', 'queued');
    const file = '.circleci/config.yml';
    const all = await explain(pipeline);
    expect(all).toMatchObject([
      {
        kind: 'job',
        outcome: 'not_run',
        workflow: 'main',
        job: 'm-2',
        reasons: [{ type: 'matrix_exclude', values: { n: 2 }, at: { file, line: 31 } }],
      },
      {
        kind: 'workflow',
        outcome: 'not_created',
        workflow: 'deploy',
        reasons: [
          {
            type: 'condition',
            key: 'when',
            message:
              'when is false: pipeline.parameters.deploy and pipeline.git.branch == "main"; pipeline.parameters.deploy is false',
            condition: { value: false, operands: [{ text: 'pipeline.parameters.deploy', value: false }] },
            at: { file, line: 36, column: 11 },
          },
        ],
      },
      { kind: 'job', outcome: 'not_run', job: 'long', reasons: [{ type: 'unused' }] },
      {
        outcome: 'not_run',
        job: 'release',
        reasons: [
          {
            type: 'filter',
            filter: 'branches',
            rule: 'only',
            patterns: ['/release.*/'],
            value: 'main',
            at: { line: 27 },
          },
        ],
      },
      {
        outcome: 'not_run',
        job: 'after release',
        reasons: [{ type: 'requirement', job: 'release', status: 'filtered', at: { line: 28 } }],
      },
      {
        outcome: 'not_run',
        workflow: 'main',
        workflow_id: workflow!.id,
        job: 'good',
        reasons: [
          {
            type: 'requirement',
            job: 'bad',
            statuses: ['success'],
            status: 'failed',
            message: 'it requires bad to end success, but it ended failed',
          },
        ],
      },
      { outcome: 'waiting', job: 'hold', reasons: [{ type: 'approval' }] },
      {
        outcome: 'waiting',
        job: 'after hold',
        reasons: [{ type: 'requirement', job: 'hold', statuses: ['success'], status: 'on_hold' }],
      },
      {
        outcome: 'waiting',
        job: 'apple',
        reasons: [
          {
            type: 'no_agent',
            executor: 'macos',
            resource_class: 'default',
            agents: [{ executors: ['docker', 'machine'], resource_classes: ['*'] }],
          },
        ],
      },
    ]);
    expect(all).toHaveLength(9);
  });

  it('tells a job that waits its turn from one that nobody takes, and a canceled job from both', async () => {
    await repository.commit({ '.circleci/config.yml': BUSY });
    const pipeline = await trigger(server.api, slug);
    const workflow = await until(
      'the workflow',
      30_000,
      async () => (await workflowsOf(server.api, pipeline))[0],
    );
    const waiting = await until('one job to run and one to wait', 60_000, async () => {
      const jobs = await jobsOf(server.api, workflow.id);
      return jobs.some(({ status }) => status === 'running')
        ? (await explain(pipeline)).find(({ outcome }) => outcome === 'waiting')
        : undefined;
    });
    expect(waiting).toMatchObject({ kind: 'job', reasons: [{ type: 'agents_busy', executor: 'docker' }] });
    await server.api.post(`/api/v2/workflow/${workflow.id}/cancel`);
    await until('the end', 60_000, async () => {
      const jobs = await jobsOf(server.api, workflow.id);
      return jobs.every(({ status }) => status === 'canceled') || undefined;
    });
    expect((await explain(pipeline)).filter(({ outcome }) => outcome === 'waiting')).toEqual([]);
  });

  it('tells why a pipeline as a whole has come to nothing', async () => {
    await repository.commit({
      '.circleci/config.yml': 'version: 2.1\njobs: {a: {}}\nworkflows: {w: {jobs: [b]}}\n',
    });
    const pipeline = await trigger(server.api, slug);
    const [item] = await until('the errors', 30_000, async () => {
      const all = await explain(pipeline);
      return all[0]?.outcome === 'errored' ? all : undefined;
    });
    expect(item).toMatchObject({ kind: 'pipeline', reasons: [{ type: 'config' }] });
    expect(item!.reasons[0]!.message).toContain('.circleci/config.yml, line 2');
  });

  it('is in the OpenAPI document', async () => {
    const { paths } = await server.api.get<{ paths: Record<string, unknown> }>('/api/v2/openapi.json');
    expect(paths['/pipeline/{pipeline-id}/explain']).toMatchObject({
      get: { operationId: 'explainPipeline', responses: { 200: {} } },
    });
  });
});

describe('the command line', () => {
  let repository: TestRepository;
  beforeAll(async () => {
    repository = await makeRepository(`version: 2.1
jobs:
  look: {machine: true, steps: [{run: echo looked}]}
workflows:
  main:
    jobs:
      - look
      - look: {name: release, filters: {branches: {only: release}}}
  never: {when: false, jobs: [look]}
`);
  });
  afterAll(() => repository?.remove());

  it('config process: --explain in lines, --json with the places', async () => {
    const file = join(repository.path, '.circleci', 'config.yml');
    const explained = cli(['config', 'process', '--explain', file]);
    expect(await explained.ended()).toBe(0);
    expect(explained.stdout()).toBe(
      `workflow never is not created: when is false (${file}:9:17)\n` +
        `job release of workflow main does not run: its filter takes only branches release, not branch "main" (${file}:8:58)\n`,
    );
    const onRelease = cli(['config', 'process', '--json', '--branch', 'release', file]);
    expect(await onRelease.ended()).toBe(0);
    expect(JSON.parse(onRelease.stdout())).toMatchObject({
      workflows: [
        {
          name: 'main',
          jobs: [
            { name: 'look', definition: { steps: [{ origin: { at: { file, line: 3, column: 33 } } }] } },
            { name: 'release' },
          ],
        },
      ],
      notRun: [{ workflow: 'never' }],
    });
  });

  it('config process: a wrong config is told with its place, exit code 2', async () => {
    const file = join(repository.path, 'wrong.yml');
    await writeFile(file, 'version: 2.1\njobs: {build: {machine: true, steps: [run: {name: x}]}}\n');
    const wrong = cli(['config', 'process', '--json', file]);
    expect(await wrong.ended()).toBe(2);
    expect(wrong.stderr()).toContain(`${file}:2:`);
  });

  it('run: says in the end what did not run', async () => {
    const ran = cli(['run', repository.path]);
    expect(await ran.ended()).toBe(0);
    expect(ran.stdout()).toContain(
      'not run: job release of workflow main: its filter takes only branches release, not branch "main" (.circleci/config.yml:8:58)\n',
    );
    expect(ran.stdout()).toContain('not run: workflow never: when is false (.circleci/config.yml:9:17)\n');
  });
});
