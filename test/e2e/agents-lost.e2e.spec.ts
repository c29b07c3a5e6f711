// Agents that vanish: what had started is given up and never run again, what had not is run by another agent.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  addProject,
  jobsOf,
  jobWith,
  tasksOf,
  trigger,
  workflowEnd,
  workflowOf,
} from '../support/pipelines.js';
import { makeRepository, type TestRepository } from '../support/repository.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { until } from '../support/until.js';

const configOf = (ranFile: string): string => `
version: 2.1
parameters:
  seconds: { type: integer, default: 0 }
jobs:
  work:
    docker: [{ image: cimg/base:current }]
    steps:
      - run: echo "$CIRCLE_PIPELINE_ID" >> ${ranFile} && sleep << pipeline.parameters.seconds >>
workflows:
  all: { jobs: [work] }
`;

describe('lost agents', () => {
  let server: TestServer;
  let repository: TestRepository;
  let slug: string;
  let notes: string;

  beforeAll(async () => {
    notes = await mkdtemp(join(tmpdir(), 'rotunda-lost-'));
    repository = await makeRepository(configOf(join(notes, 'ran')));
    server = await startTestServer({ env: { ROTUNDA_LEASE_SECONDS: '2' } });
    slug = await addProject(server.api, 'lost', repository.path);
  }, 120_000);
  afterAll(async () => {
    await server?.stop();
    await repository?.remove();
    await rm(notes, { recursive: true, force: true });
  }, 60_000);

  const timesRun = async (pipelineId: string): Promise<number> => {
    const lines = (await readFile(join(notes, 'ran'), 'utf8').catch(() => '')).split('\n');
    return lines.filter((line) => line === pipelineId).length;
  };

  it('a task that had started ends as infrastructure_fail and is not run again', async () => {
    const pipelineId = await trigger(server.api, slug, { seconds: 30 });
    const workflow = await workflowOf(server.api, pipelineId);
    await until('the job to begin', 30_000, async () => (await timesRun(pipelineId)) === 1 || undefined);
    await jobWith(server.api, workflow.id, 'work', 'running');
    process.kill(await server.agentPid(), 'SIGKILL');
    expect((await workflowEnd(server.api, workflow.id)).status).toBe('failed');
    const [job] = await jobsOf(server.api, workflow.id);
    expect(job!.status).toBe('infrastructure_fail');
    const [task] = await tasksOf(server.api, job!.id);
    expect(task!.message).toMatch(/^the agent .* gave no sign of life for 2 s$/);
    expect(await timesRun(pipelineId)).toBe(1);
  }, 90_000);

  it('a task that had not started goes back to the queue and is run by another agent', async () => {
    const pipelineId = await trigger(server.api, slug);
    const workflow = await workflowOf(server.api, pipelineId);
    const [job] = await jobsOf(server.api, workflow.id);
    const token = (await readFile(join(server.dataDirectory, 'agent-token'), 'utf8')).trim();
    const claimed = await claim(server.url, token, 'silent');
    expect(claimed.jobId).toBe(job!.id);

    const directory = join(notes, 'agent');
    const args = [
      'agent',
      '--server',
      server.url,
      '--directory',
      directory,
      '--executor',
      'host',
      '--name',
      'second',
    ];
    const env = { PATH: process.env['PATH'], HOME: notes, ROTUNDA_AGENT_TOKEN: token };
    const second = spawn(process.execPath, [resolve('dist/src/cli/main.js'), ...args], {
      env,
      stdio: 'ignore',
    });
    try {
      expect((await workflowEnd(server.api, workflow.id)).status).toBe('success');
      const [task] = await tasksOf(server.api, job!.id);
      expect(task!.agent).toBe('second');
      expect(await timesRun(pipelineId)).toBe(1);
      expect(await reportOf(server.url, claimed)).toBe(410);
    } finally {
      second.kill('SIGTERM');
      await until('the second agent to end', 20_000, () => second.exitCode ?? second.signalCode ?? undefined);
    }
  }, 90_000);
});

interface Claimed {
  taskId: string;
  jobId: string;
  taskToken: string;
}

/** Claims a task as an agent does that is never heard of again. */
async function claim(url: string, token: string, agentName: string): Promise<Claimed> {
  return until('a task to claim', 30_000, async () => {
    const response = await fetch(`${url}/agent/v1/claim`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        agentId: randomUUID(),
        agentName,
        resourceClasses: ['*'],
        executors: ['docker'],
        waitSeconds: 5,
      }),
      signal: AbortSignal.timeout(20_000),
    });
    return response.status === 200 ? ((await response.json()) as Claimed) : undefined;
  });
}

/** The answer to a report of a claim that is over. */
async function reportOf(url: string, { taskId, taskToken }: Claimed): Promise<number> {
  const response = await fetch(`${url}/agent/v1/tasks/${taskId}/report`, {
    method: 'POST',
    headers: { authorization: `Bearer ${taskToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ started: true, steps: [] }),
    signal: AbortSignal.timeout(20_000),
  });
  return response.status;
}
