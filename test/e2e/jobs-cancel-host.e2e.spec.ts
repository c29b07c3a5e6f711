// Canceling a job that runs in the shell of the host ends its whole process tree.
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addProject, jobsOf, trigger, workflowEnd, workflowOf } from '../support/pipelines.js';
import { makeRepository, type TestRepository } from '../support/repository.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { until } from '../support/until.js';

let server: TestServer;
let repository: TestRepository;
let notes: string;

beforeAll(async () => {
  notes = await mkdtemp(join(tmpdir(), 'rotunda-cancel-'));
  repository = await makeRepository(`
version: 2.1
jobs:
  tree:
    docker: [{ image: cimg/base:current }]
    steps:
      - run: |
          sleep 100 & echo $! >> ${notes}/pids
          (sleep 100 & echo $! >> ${notes}/pids; wait) &
          echo $$ >> ${notes}/pids
          wait
workflows:
  all: { jobs: [tree] }
`);
  server = await startTestServer();
}, 120_000);
afterAll(async () => {
  await server?.stop();
  await repository?.remove();
  await rm(notes, { recursive: true, force: true });
}, 60_000);

it('leaves no process behind', async () => {
  const slug = await addProject(server.api, 'cancel', repository.path);
  const workflow = await workflowOf(server.api, await trigger(server.api, slug));
  const pids = await until('the processes of the job', 30_000, async () => {
    const lines = (await readFile(join(notes, 'pids'), 'utf8').catch(() => '')).trim().split('\n');
    return lines.length === 3 ? lines.map(Number) : undefined;
  });
  expect(pids.map(isAlive)).toEqual([true, true, true]);
  await server.api.post(`/api/v2/workflow/${workflow.id}/cancel`);
  expect((await workflowEnd(server.api, workflow.id)).status).toBe('canceled');
  expect((await jobsOf(server.api, workflow.id)).map(({ status }) => status)).toEqual(['canceled']);
  await until('the processes to end', 15_000, () => !pids.some(isAlive) || undefined);
}, 120_000);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
