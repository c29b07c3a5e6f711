// How jobs end, on the real server with an executor that only plays commands.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  addProject,
  jobsOf,
  jobWith,
  outputOfStep,
  tasksOf,
  trigger,
  workflowEnd,
  workflowOf,
} from '../support/pipelines.js';
import { makeRepository, type TestRepository } from '../support/repository.js';
import { startTestServer, type TestServer } from '../support/server.js';

const CONFIG = `
version: 2.1
parameters:
  which: { type: string, default: none }
executors:
  any: { docker: [{ image: cimg/base:current }] }
jobs:
  good:
    executor: any
    steps:
      - run: { name: speak, command: print hello }
  bad:
    executor: any
    steps:
      - run: { name: break, command: fail 3 }
      - run: { name: never, command: print never }
      - run: { name: always, command: print always, when: always }
      - run: { name: after failure, command: print after, when: on_fail }
  silent:
    executor: any
    steps:
      - run: { name: hush, command: hang, no_output_timeout: 1s }
  slow:
    executor: any
    steps:
      - run: { name: wait, command: hang }
  many:
    executor: any
    parallelism: 3
    steps:
      - run: { name: node, command: env CIRCLE_NODE_INDEX }
workflows:
  bad:
    when: { equal: [bad, << pipeline.parameters.which >>] }
    jobs: [good, { bad: { requires: [good] } }, { many: { requires: [bad] } }]
  silent:
    when: { equal: [silent, << pipeline.parameters.which >>] }
    jobs: [silent]
  slow:
    when: { equal: [slow, << pipeline.parameters.which >>] }
    jobs: [slow, { good: { requires: [slow] } }]
  approve:
    when: { equal: [approve, << pipeline.parameters.which >>] }
    jobs: [{ hold: { type: approval } }, { good: { requires: [hold] } }]
  many:
    when: { equal: [many, << pipeline.parameters.which >>] }
    jobs: [many]
`;

describe('jobs on the fake executor', () => {
  let server: TestServer;
  let repository: TestRepository;
  let slug: string;

  beforeAll(async () => {
    repository = await makeRepository(CONFIG);
    server = await startTestServer({ env: { ROTUNDA_AGENT_EXECUTOR: 'fake', ROTUNDA_AGENT: 'inline' } });
    slug = await addProject(server.api, 'fake', repository.path);
  }, 120_000);
  afterAll(async () => {
    await server?.stop();
    await repository?.remove();
  }, 60_000);

  const start = async (which: string): Promise<string> =>
    (await workflowOf(server.api, await trigger(server.api, slug, { which }))).id;
  const statuses = async (workflowId: string): Promise<string[]> =>
    (await jobsOf(server.api, workflowId)).map(({ name, status }) => `${name} ${status}`);

  it('a failing step fails the job; steps for failures still run, jobs behind it do not', async () => {
    const id = await start('bad');
    expect((await workflowEnd(server.api, id)).status).toBe('failed');
    expect(await statuses(id)).toEqual(['good success', 'bad failed', 'many not_run']);
    const bad = (await jobsOf(server.api, id)).find(({ name }) => name === 'bad')!;
    const [task] = await tasksOf(server.api, bad.id);
    const steps = task!.steps.map(({ name, status, exit_code }) => [name, status, exit_code]);
    expect(steps).toContainEqual(['break', 'failed', 3]);
    expect(steps).toContainEqual(['always', 'success', 0]);
    expect(steps).toContainEqual(['after failure', 'success', 0]);
    expect(steps.filter(([name, status]) => name === 'never' && status !== 'skipped')).toEqual([]);
    expect(await outputOfStep(server.api, bad.id, 'after failure')).toMatch(/^after\r?$/m);
  });

  it('a rerun from failed carries over what succeeded; one from the start runs everything', async () => {
    const first = await start('bad');
    await workflowEnd(server.api, first);
    const good = (await jobsOf(server.api, first)).find(({ name }) => name === 'good')!;
    const rerun = async (body: object): Promise<string> =>
      (await server.api.post<{ workflow_id: string }>(`/api/v2/workflow/${first}/rerun`, body)).workflow_id;
    const fromFailed = await rerun({ from_failed: true });
    const fromStart = await rerun({});
    for (const id of [fromFailed, fromStart]) {
      expect((await workflowEnd(server.api, id)).status).toBe('failed');
      expect(await statuses(id)).toEqual(['good success', 'bad failed', 'many not_run']);
    }
    const goodOf = async (id: string): Promise<string> =>
      (await jobsOf(server.api, id)).find(({ name }) => name === 'good')!.id;
    expect(await goodOf(fromFailed)).toBe(good.id);
    expect(await goodOf(fromStart)).not.toBe(good.id);
  });

  it('a step without output for too long fails and says so', async () => {
    const id = await start('silent');
    expect((await workflowEnd(server.api, id)).status).toBe('failed');
    const [job] = await jobsOf(server.api, id);
    expect(await outputOfStep(server.api, job!.id, 'hush')).toContain(
      'Too long with no output (exceeded 1s): context deadline exceeded',
    );
  });

  it('a canceled job ends its workflow as canceled', async () => {
    const id = await start('slow');
    const job = await jobWith(server.api, id, 'slow', 'running');
    await server.api.post(`/api/v2/project/${slug}/job/${job.job_number}/cancel`);
    expect((await workflowEnd(server.api, id)).status).toBe('canceled');
    expect(await statuses(id)).toEqual(['slow canceled', 'good not_run']);
  });

  it('a canceled workflow stops what runs and starts nothing', async () => {
    const id = await start('slow');
    await jobWith(server.api, id, 'slow', 'running');
    await server.api.post(`/api/v2/workflow/${id}/cancel`);
    expect((await workflowEnd(server.api, id)).status).toBe('canceled');
    expect(await statuses(id)).toEqual(['slow canceled', 'good canceled']);
  });

  it('an approval holds the jobs behind it until it is given', async () => {
    const id = await start('approve');
    const hold = await jobWith(server.api, id, 'hold', 'on_hold');
    expect(await statuses(id)).toEqual(['hold on_hold', 'good blocked']);
    await server.api.post(`/api/v2/workflow/${id}/approve/${hold.approval_request_id}`);
    expect((await workflowEnd(server.api, id)).status).toBe('success');
    expect(await statuses(id)).toEqual(['hold success', 'good success']);
  });

  it('a parallel job runs once for each node', async () => {
    const id = await start('many');
    expect((await workflowEnd(server.api, id)).status).toBe('success');
    const [job] = await jobsOf(server.api, id);
    const outputs = [0, 1, 2].map((node) => outputOfStep(server.api, job!.id, 'node', node));
    expect((await Promise.all(outputs)).map((text) => text.trim().split(/\s+/).at(-1))).toEqual([
      '0',
      '1',
      '2',
    ]);
  });
});
