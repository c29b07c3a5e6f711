// Serial groups and automatic reruns, on the real server with an executor that only plays commands.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  addProject,
  jobsOf,
  jobWith,
  trigger,
  workflowEnd,
  workflowOf,
  workflowsOf,
} from '../support/pipelines.js';
import { makeRepository, type TestRepository } from '../support/repository.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { until } from '../support/until.js';

const CONFIG = `
version: 2.1
parameters:
  which: { type: string, default: none }
executors:
  any: { docker: [{ image: cimg/base:current }] }
jobs:
  deploy:
    executor: any
    steps: [{ run: { name: wait, command: hang } }]
  good:
    executor: any
    steps: [{ run: { name: speak, command: print hello } }]
  bad:
    executor: any
    steps: [{ run: { name: break, command: fail 3 } }]
workflows:
  deploy:
    when: { equal: [deploy, << pipeline.parameters.which >>] }
    jobs: [deploy: { serial-group: prod }]
  approved:
    when: { equal: [approved, << pipeline.parameters.which >>] }
    jobs: [hold: { type: approval }, good: { requires: [hold], serial-group: prod }]
  again:
    when: { equal: [again, << pipeline.parameters.which >>] }
    max_auto_reruns: 2
    jobs: [good, bad: { requires: [good] }]
`;

interface Explanation {
  job?: string;
  reasons: { type: string; key?: string; workflow_id?: string }[];
}

describe('workflows that take turns or run again', () => {
  let server: TestServer;
  let repository: TestRepository;
  let one: string;
  let other: string;

  beforeAll(async () => {
    repository = await makeRepository(CONFIG);
    const env = { ROTUNDA_AGENT_EXECUTOR: 'fake', ROTUNDA_AGENT: 'inline', ROTUNDA_AGENT_CAPACITY: '4' };
    server = await startTestServer({ env });
    one = await addProject(server.api, 'one', repository.path);
    other = await addProject(server.api, 'other', repository.path);
  }, 120_000);
  afterAll(async () => {
    await server?.stop();
    await repository?.remove();
  }, 60_000);

  const start = async (slug: string, which: string): Promise<string> =>
    (await workflowOf(server.api, await trigger(server.api, slug, { which }))).id;
  const statuses = async (workflowId: string): Promise<string[]> =>
    (await jobsOf(server.api, workflowId)).map(({ name, status }) => `${name} ${status}`);
  const explain = async (workflowId: string): Promise<Explanation[]> => {
    const { pipeline_id } = await server.api.get<{ pipeline_id: string }>(`/api/v2/workflow/${workflowId}`);
    return (await server.api.get<{ items: Explanation[] }>(`/api/v2/pipeline/${pipeline_id}/explain`)).items;
  };

  it('one workflow of the organization is in a serial group; the next goes in when that has left', async () => {
    const first = await start(one, 'deploy');
    const running = await jobWith(server.api, first, 'deploy', 'running');
    const second = await start(one, 'deploy');
    await jobWith(server.api, second, 'deploy-serial-start', 'queued');
    const third = await start(other, 'deploy');
    await jobWith(server.api, third, 'deploy-serial-start', 'queued');
    expect(await statuses(second)).toEqual([
      'deploy-serial-start queued',
      'deploy blocked',
      'deploy-serial-end blocked',
    ]);
    const turn = (await explain(second)).find(({ job }) => job === 'deploy-serial-start');
    expect(turn?.reasons).toMatchObject([{ type: 'serial_group', key: 'prod', workflow_id: first }]);

    // One that ends badly gives the group back as well.
    await server.api.post(`/api/v2/project/${one}/job/${running.job_number}/cancel`);
    expect((await workflowEnd(server.api, first)).status).toBe('canceled');
    await jobWith(server.api, second, 'deploy', 'running');
    expect(await statuses(third)).toContain('deploy-serial-start queued');

    await server.api.post(`/api/v2/workflow/${second}/cancel`);
    await workflowEnd(server.api, second);
    expect(await statuses(second)).toEqual([
      'deploy-serial-start success',
      'deploy canceled',
      'deploy-serial-end success',
    ]);
    await jobWith(server.api, third, 'deploy', 'running');
    await server.api.post(`/api/v2/workflow/${third}/cancel`);
    expect((await workflowEnd(server.api, third)).status).toBe('canceled');
  }, 120_000);

  it('a pipeline does not go in after a newer one of its project', async () => {
    const old = await start(one, 'approved');
    const hold = await jobWith(server.api, old, 'hold', 'on_hold');
    const newer = await start(one, 'deploy');
    await jobWith(server.api, newer, 'deploy', 'running');
    await server.api.post(`/api/v2/workflow/${old}/approve/${hold.approval_request_id}`);
    await workflowEnd(server.api, old);
    expect(await statuses(old)).toEqual([
      'hold success',
      'good-serial-start not_run',
      'good not_run',
      'good-serial-end not_run',
    ]);
    expect(await statuses(newer)).toContain('deploy running');
    await server.api.post(`/api/v2/workflow/${newer}/cancel`);
    await workflowEnd(server.api, newer);
  }, 120_000);

  it('a failed workflow runs again from its failed jobs as often as the config says', async () => {
    const pipeline = await trigger(server.api, one, { which: 'again' });
    const all = await until('three workflows', 60_000, async () => {
      const found = await workflowsOf(server.api, pipeline);
      return found.length >= 3 ? found : undefined;
    });
    for (const { id } of all) {
      expect((await workflowEnd(server.api, id)).status).toBe('failed');
      expect(await statuses(id)).toEqual(['good success', 'bad failed']);
    }
    const views = await Promise.all(
      all.map(({ id }) => server.api.get<{ auto_rerun_number?: number }>(`/api/v2/workflow/${id}`)),
    );
    const numbers = views.map(({ auto_rerun_number }) => auto_rerun_number ?? 0);
    expect(numbers.toSorted()).toEqual([0, 1, 2]);
    // What succeeded is carried over: it is one job in all three.
    const good = await Promise.all(all.map(async ({ id }) => (await jobsOf(server.api, id))[0]!.id));
    expect(new Set(good).size).toBe(1);
    expect(await workflowsOf(server.api, pipeline)).toHaveLength(3);
  }, 120_000);
});
