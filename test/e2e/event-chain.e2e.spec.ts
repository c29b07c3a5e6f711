// What a pipeline sets off, down to the files of its jobs, is one chain in the event log.
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { addProject, trigger, workflowEnd, workflowOf } from '../support/pipelines.js';
import { makeRepository, type TestRepository } from '../support/repository.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { until } from '../support/until.js';

const CONFIG = `
version: 2.1
jobs:
  build:
    machine: true
    steps:
      - run: mkdir -p out && echo hello > out/file && echo '<testsuite><testcase name="t"/></testsuite>' > out/junit.xml
      - save_cache: { key: "k-{{ epoch }}", paths: [out] }
      - persist_to_workspace: { root: out, paths: [.] }
      - store_artifacts: { path: out }
      - store_test_results: { path: out }
  last:
    machine: true
    steps: [{ attach_workspace: { at: . } }]
workflows: { main: { jobs: [build, { last: { requires: [build] } }] } }
`;
/** The kinds of streams that such a pipeline writes to. */
const CATEGORIES = [
  'artifacts',
  'cache',
  'job',
  'jobNumbers',
  'pipeline',
  'pipelineNumbers',
  'task',
  'tests',
  'workflow',
  'workspace',
];

let server: TestServer;
let repository: TestRepository;
let log: pg.Client;
beforeAll(async () => {
  repository = await makeRepository(CONFIG);
  server = await startTestServer();
  log = new pg.Client({ connectionString: await server.databaseUrl(), connectionTimeoutMillis: 10_000 });
  await log.connect();
}, 120_000);
afterAll(async () => {
  await log?.end();
  await server?.stop();
  await repository?.remove();
}, 60_000);

it('every event of a pipeline has the correlation of its trigger', async () => {
  const slug = await addProject(server.api, 'chain', repository.path);
  const before = await log.query('SELECT coalesce(max(position), 0) AS last FROM rotunda.events');
  const workflow = await workflowOf(server.api, await trigger(server.api, slug));
  expect((await workflowEnd(server.api, workflow.id)).status).toBe('success');
  const chains = await until('the tests to be parsed', 30_000, async () => {
    const { rows } = await log.query<{ category: string; chains: string[] }>(
      `SELECT category, array_agg(DISTINCT correlation_id) AS chains FROM rotunda.events
       WHERE position > $1 GROUP BY category ORDER BY category`,
      [before.rows[0].last],
    );
    const { rowCount } = await log.query(`SELECT FROM rotunda.events WHERE type = 'TestResultsParsed'`);
    return rowCount ? rows : undefined;
  });
  expect(chains.map(({ category }) => category)).toEqual(CATEGORIES);
  const [chain] = chains.find(({ category }) => category === 'pipeline')!.chains;
  expect(chains).toEqual(CATEGORIES.map((category) => ({ category, chains: [chain] })));
}, 120_000);
