// Kill -9 of the server at random moments: every pipeline ends, no job runs twice, no output line is lost or doubled.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { addProject, jobsOf, outputOfStep, trigger, workflowEnd, workflowsOf } from '../support/pipelines.js';
import { makeRepository, type TestRepository } from '../support/repository.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { until } from '../support/until.js';

const ROUNDS = Number(process.env['CHAOS_ROUNDS'] ?? 5);
const SEED = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000);
const LINES = 150;

/** Each job appends its name to a file outside of every job, and prints numbered lines for about 1.5 s. */
function configOf(ranFile: string): string {
  const work = (name: string): string => `
      - run:
          name: work
          command: |
            echo "$CIRCLE_PIPELINE_ID ${name}" >> ${ranFile}
            for i in $(seq 1 ${LINES}); do echo "${name} line $i"; sleep 0.01; done`;
  return `
version: 2.1
jobs:
  build:
    docker: [{ image: cimg/base:current }]
    steps:${work('build')}
      - run: mkdir -p out && echo "$CIRCLE_PIPELINE_ID" > out/made
      - persist_to_workspace: { root: ., paths: [out] }
  test:
    docker: [{ image: cimg/base:current }]
    steps:
      - attach_workspace: { at: . }
      - run: test "$(cat out/made)" = "$CIRCLE_PIPELINE_ID"${work('test')}
  lint:
    docker: [{ image: cimg/base:current }]
    steps:${work('lint')}
  deploy:
    docker: [{ image: cimg/base:current }]
    steps:${work('deploy')}
workflows:
  all:
    jobs:
      - build
      - lint
      - test: { requires: [build] }
      - deploy: { requires: [test, lint] }
`;
}

describe(`kill -9 of the server ${ROUNDS} times, CHAOS_SEED=${SEED}`, () => {
  const random = mulberry32(SEED);
  let server: TestServer;
  let repository: TestRepository;
  let notes: string;

  beforeAll(async () => {
    notes = await mkdtemp(join(tmpdir(), 'rotunda-chaos-'));
    repository = await makeRepository(configOf(join(notes, 'ran')));
    server = await startTestServer({
      env: { ROTUNDA_LEASE_SECONDS: '10', ROTUNDA_AGENT_CAPACITY: '3', ROTUNDA_RECONCILE_INTERVAL: '2s' },
    });
  }, 120_000);
  afterAll(async () => {
    await server?.stop();
    await repository?.remove();
    await rm(notes, { recursive: true, force: true });
  }, 120_000);

  it(
    'ends every pipeline with success, each job run once, each line once and in order',
    async () => {
      process.stdout.write(`chaos: CHAOS_SEED=${SEED} CHAOS_ROUNDS=${ROUNDS}\n`);
      const slug = await addProject(server.api, 'chaos', repository.path);
      const pipelines: string[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        if (round % 2 === 0 || pipelines.length < 2) pipelines.push(await trigger(server.api, slug));
        await pause(random() * 2500);
        await server.kill9();
        // Every third time it is killed again while it starts.
        if (round % 3 === 2) {
          await server.restart({ wait: false });
          await pause(random() * 1500);
          await server.kill9();
        }
        await server.restart();
      }
      for (const pipelineId of pipelines) await checkPipeline(pipelineId);
      const ran = (await readFile(join(notes, 'ran'), 'utf8')).trim().split('\n').sort();
      const wanted = pipelines.flatMap((id) =>
        ['build', 'deploy', 'lint', 'test'].map((job) => `${id} ${job}`),
      );
      expect(ran).toEqual(wanted.sort());
    },
    60_000 + ROUNDS * 30_000,
  );

  async function checkPipeline(pipelineId: string): Promise<void> {
    const workflow = await until(
      'the workflow',
      30_000,
      async () => (await workflowsOf(server.api, pipelineId))[0],
    );
    const ended = await workflowEnd(server.api, workflow.id, 120_000);
    const jobs = await jobsOf(server.api, workflow.id);
    expect({ status: ended.status, jobs: jobs.map(({ name, status }) => `${name} ${status}`) }).toEqual({
      status: 'success',
      jobs: ['build success', 'lint success', 'test success', 'deploy success'],
    });
    for (const job of jobs) {
      const output = (await outputOfStep(server.api, job.id, 'work')).split(/\r?\n/);
      // The script itself is printed before what it prints.
      const lines = output.slice(output.indexOf(`${job.name} line 1`)).filter((line) => line !== '');
      expect(lines).toEqual(Array.from({ length: LINES }, (_, i) => `${job.name} line ${i + 1}`));
    }
  }
});

/** Numbers in [0, 1) that follow from a seed. */
function mulberry32(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
