// Much output, of which the built-in agent hands whole files over to its server: every byte is there, once, whatever
// happens to the server meanwhile.
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addProject, jobsOf, tasksOf, trigger, workflowEnd, workflowOf } from '../support/pipelines.js';
import { makeRepository, type TestRepository } from '../support/repository.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { until } from '../support/until.js';

const LINES = 4_000_000;
let server: TestServer;
let repository: TestRepository;
let slug: string;
let directory: string;
/** The second half is printed once this file is there. */
let gate: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rotunda-flood-'));
  gate = join(directory, 'gate');
  repository = await makeRepository(`
version: 2.1
jobs:
  floods:
    machine: true
    steps:
      - run:
          name: flood
          command: |
            seq 1 ${LINES / 2}
            for i in $(seq 600); do test -e ${gate} && break; sleep 0.1; done
            seq ${LINES / 2 + 1} ${LINES}
workflows:
  all: { jobs: [floods] }
`);
  server = await startTestServer();
  slug = await addProject(server.api, 'flood', repository.path);
}, 120_000);
afterAll(async () => {
  await server?.stop();
  await repository?.remove();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

async function begin(): Promise<{ workflow: string; path: string }> {
  const workflow = (await workflowOf(server.api, await trigger(server.api, slug))).id;
  return until('the step to run', 30_000, async () => {
    const [job] = await jobsOf(server.api, workflow);
    const [task] = job ? await tasksOf(server.api, job.id) : [];
    const step = task?.steps.find(({ name }) => name === 'flood');
    return step && { workflow, path: `/api/rotunda/v1/jobs/${job!.id}/tasks/0/steps/${step.index}/output` };
  });
}

async function expectWhole(path: string): Promise<void> {
  const text = (await server.api.bytes(path)).toString();
  const lines = Array.from({ length: LINES }, (_, i) => `${i + 1}\n`).join('');
  // Not toBe(): the difference of 30 MB is of no use.
  expect(text.slice(text.indexOf('\n1\n') + 1) === lines).toBe(true);
}

it('all of it is stored when the workflow has ended', async () => {
  await writeFile(gate, '');
  const { workflow, path } = await begin();
  expect((await workflowEnd(server.api, workflow)).status).toBe('success');
  await expectWhole(path);
}, 120_000);

it('also when the server is killed in the middle', async () => {
  await rm(gate);
  const { workflow, path } = await begin();
  await until(
    'some output',
    30_000,
    async () => (await server.api.bytes(path)).length > 1_000_000 || undefined,
  );
  await server.kill9();
  await writeFile(gate, '');
  await server.restart();
  expect((await workflowEnd(server.api, workflow)).status).toBe('success');
  await expectWhole(path);
}, 120_000);
