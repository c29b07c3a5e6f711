// Agents of other machines: tokens for some resource classes, the list of agents, draining, and a network that is cut.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  admin,
  makeNetwork,
  mayMakeNetworks,
  startTestAgent,
  type TestAgent,
  type TestAgentOptions,
} from '../support/agents.js';
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
import { until } from '../support/until.js';

/** For how long the network is cut; `test/chaos/network.sh` cuts it for 30. */
const CUT_SECONDS = Number(process.env['CHAOS_CUT_SECONDS'] ?? 3);
const LINES_A_SECOND = 20;
const LINES = (CUT_SECONDS + 3) * LINES_A_SECOND;

const configOf = (notes: string): string => `
version: 2.1
parameters:
  what: { type: string, default: both }
jobs:
  on-a:
    machine: true
    resource_class: acme/a
    steps: [{ run: echo a }]
  on-b:
    machine: true
    resource_class: acme/b
    steps: [{ run: echo b }]
  held:
    machine: true
    resource_class: acme/a
    steps:
      - run: 'touch ${notes}/begun; while [ ! -e ${notes}/go ]; do sleep 0.05; done'
  lines:
    machine: true
    resource_class: acme/far
    steps:
      - run:
          name: print
          command: 'for i in $(seq 1 ${LINES}); do echo line $i; echo $i > ${notes}/lines; sleep ${1 / LINES_A_SECOND}; done'
workflows:
  both:
    when: { equal: [both, << pipeline.parameters.what >>] }
    jobs: [on-a, on-b]
  held:
    when: { equal: [held, << pipeline.parameters.what >>] }
    jobs: [held]
  lines:
    when: { equal: [lines, << pipeline.parameters.what >>] }
    jobs: [lines]
`;

interface Agent {
  id: string;
  name: string;
  version: string;
  health: string;
  resource_classes: string[];
  labels: Record<string, string>;
  capacity: number;
  busy: number;
}

describe('agents on other machines', () => {
  let server: TestServer;
  let repository: TestRepository;
  let slug: string;
  let notes: string;
  const agents: TestAgent[] = [];

  beforeAll(async () => {
    notes = await mkdtemp(join(tmpdir(), 'rotunda-remote-'));
    repository = await makeRepository(configOf(notes));
    server = await startTestServer({ env: { ROTUNDA_AGENT: 'off', ROTUNDA_HOST: '0.0.0.0' } });
    slug = await addProject(server.api, 'remote', repository.path);
  }, 300_000);
  afterEach(async () => {
    await Promise.all(agents.splice(0).map((agent) => agent.stop()));
    for (const name of ['begun', 'go', 'lines']) await rm(join(notes, name), { force: true });
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    await repository?.remove();
    await rm(notes, { recursive: true, force: true });
  }, 60_000);

  const tokenFor = async (name: string, ...classes: string[]): Promise<string> => {
    const scope = classes.length > 0 ? ['--resource-class', ...classes] : [];
    return (await admin(server.dataDirectory, 'agent-token', name, ...scope)).trim();
  };
  const start = (name: string, token: string, more: Partial<TestAgentOptions> = {}): TestAgent => {
    const agent = startTestAgent({ server: server.url, token, name, ...more });
    agents.push(agent);
    return agent;
  };
  const listed = async (name: string): Promise<Agent | undefined> =>
    (await server.api.get<{ items: Agent[] }>('/api/rotunda/v1/agents')).items.find((a) => a.name === name);
  const health = (name: string, wanted: string) =>
    until(`agent ${name} to be ${wanted}`, 60_000, async () => {
      const agent = await listed(name);
      return agent?.health === wanted ? agent : undefined;
    });
  const begin = async (what: string) => {
    const workflow = await workflowOf(server.api, await trigger(server.api, slug, { what }));
    return workflow.id;
  };

  it('gets tasks of the classes of its token only, whatever it asks for', async () => {
    const [a, b] = [await tokenFor('for-a', 'acme/a'), await tokenFor('for-b', 'acme/b')];
    start('agent-a', a, { args: ['--capacity', '3', '--label', 'room=cellar', 'rack=4'] });
    start('agent-b', b);
    const workflowId = await begin('both');
    expect((await workflowEnd(server.api, workflowId)).status).toBe('success');
    for (const job of await jobsOf(server.api, workflowId)) {
      const [task] = await tasksOf(server.api, job.id);
      expect([job.name, task!.agent]).toEqual([job.name, job.name === 'on-a' ? 'agent-a' : 'agent-b']);
    }
    const claim = await fetch(`${server.url}/agent/v1/claim`, {
      method: 'POST',
      headers: { authorization: `Bearer ${a}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ agentId: randomUUID(), agentName: 'greedy', resourceClasses: ['acme/b'] },
        ...{ executors: ['machine'], waitSeconds: 0 },
      }),
      signal: AbortSignal.timeout(20_000),
    });
    expect([claim.status, (await claim.json()) as unknown]).toEqual([
      403,
      { message: 'this agent token is for tasks of acme/a, not of acme/b' },
    ]);

    const shown = await health('agent-a', 'idle');
    expect(shown).toMatchObject({
      ...{ resource_classes: ['acme/a'], labels: { room: 'cellar', rack: '4' }, capacity: 3, busy: 0 },
    });
    expect(shown.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(await admin(server.dataDirectory, 'agents')).toMatch(
      /^agent-a +idle +0\/3 +acme\/a +docker,machine +/m,
    );
  }, 180_000);

  it('finishes its job when it is stopped, and takes no other', async () => {
    const agent = start('drained', await tokenFor('for-a', 'acme/a'), { args: ['--capacity', '2'] });
    const first = await begin('held');
    await until('the job to begin', 60_000, () => readFile(join(notes, 'begun')).catch(() => undefined));
    await jobWith(server.api, first, 'held', 'running');
    expect(await health('drained', 'busy')).toMatchObject({ busy: 1 });
    agent.child.kill('SIGTERM');
    await health('drained', 'draining');
    const second = await begin('held');
    await jobWith(server.api, second, 'held', 'queued');
    await writeFile(join(notes, 'go'), '');
    expect((await workflowEnd(server.api, first)).status).toBe('success');
    expect(await agent.ended()).toBe(0);
    await health('drained', 'gone');
    await jobWith(server.api, second, 'held', 'queued');
    start('heir', await tokenFor('for-a', 'acme/a'));
    expect((await workflowEnd(server.api, second)).status).toBe('success');
  }, 180_000);

  it('cancels its job at a second signal', async () => {
    const agent = start('hurried', await tokenFor('for-a', 'acme/a'));
    const workflowId = await begin('held');
    await until('the job to begin', 60_000, () => readFile(join(notes, 'begun')).catch(() => undefined));
    agent.child.kill('SIGTERM');
    await health('hurried', 'draining');
    agent.child.kill('SIGTERM');
    expect(await agent.ended()).toBe(0);
    expect((await workflowEnd(server.api, workflowId)).status).toBe('canceled');
    const [job] = await jobsOf(server.api, workflowId);
    expect((await tasksOf(server.api, job!.id))[0]!.message).toBe(
      'The job was canceled: the agent that ran it was told to stop at once',
    );
  }, 180_000);

  // Network namespaces are for root.
  (mayMakeNetworks() ? it : it.skip)(
    'goes on with its job when the network is cut, and tells all of its output later',
    async () => {
      const network = makeNetwork();
      try {
        const far = server.url.replace('127.0.0.1', network.here);
        start('far', await tokenFor('for-far', 'acme/far'), { server: far, network: network.name });
        const workflowId = await begin('lines');
        const line = async () => Number(await readFile(join(notes, 'lines'), 'utf8').catch(() => '0'));
        const reached = (wanted: number) =>
          until(
            `line ${wanted}`,
            (CUT_SECONDS + 60) * 1000,
            async () => (await line()) >= wanted || undefined,
          );
        await reached(LINES_A_SECOND);
        await jobWith(server.api, workflowId, 'lines', 'running');
        network.cut();
        await reached((await line()) + CUT_SECONDS * LINES_A_SECOND);
        network.mend();
        expect((await workflowEnd(server.api, workflowId, 120_000)).status).toBe('success');
        const [job] = await jobsOf(server.api, workflowId);
        const output = await outputOfStep(server.api, job!.id, 'print');
        expect(output.split('\n').filter((text) => /^line \d+\r?$/.test(text))).toEqual(
          Array.from({ length: LINES }, (_, i) => `line ${i + 1}`),
        );
        expect(await tasksOf(server.api, job!.id)).toMatchObject([{ status: 'success', agent: 'far' }]);
      } finally {
        network.remove();
      }
    },
    (CUT_SECONDS + 240) * 1000,
  );
});
