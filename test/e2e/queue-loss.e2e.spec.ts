// Queues deliver, they do not remember: when they are wiped in the middle of the work, every pipeline still ends.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { addProject, trigger, workflowEnd, workflowOf } from '../support/pipelines.js';
import { makeRepository, type TestRepository } from '../support/repository.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { until } from '../support/until.js';

const CONFIG = `
version: 2.1
jobs:
  work:
    docker: [{ image: cimg/base:current }]
    steps:
      - run: print begin
      - run: sleep 300ms
workflows:
  all: { jobs: [work, { work: { name: next, requires: [work] } }] }
`;

describe('loss of the queues', () => {
  let server: TestServer;
  let repository: TestRepository;

  beforeAll(async () => {
    repository = await makeRepository(CONFIG);
    server = await startTestServer({
      env: { ROTUNDA_AGENT_EXECUTOR: 'fake', ROTUNDA_AGENT: 'inline', ROTUNDA_RECONCILE_INTERVAL: '1s' },
    });
  }, 120_000);
  afterAll(async () => {
    await server?.stop();
    await repository?.remove();
  }, 60_000);

  it('every pipeline ends although the schema of the queues is dropped again and again', async () => {
    const slug = await addProject(server.api, 'loss', repository.path);
    const pipelines: string[] = [];
    for (let round = 0; round < 3; round++) {
      pipelines.push(await trigger(server.api, slug), await trigger(server.api, slug));
      await dropQueues();
      pipelines.push(await trigger(server.api, slug));
    }
    for (const id of pipelines) {
      const workflow = await workflowOf(server.api, id, 60_000);
      expect((await workflowEnd(server.api, workflow.id, 60_000)).status).toBe('success');
    }
  }, 180_000);

  async function dropQueues(): Promise<void> {
    const connectionString = await server.databaseUrl();
    const client = new pg.Client({
      connectionString,
      connectionTimeoutMillis: 10_000,
      query_timeout: 20_000,
    });
    await client.connect();
    try {
      await until('the queues to be there again', 60_000, async () => {
        const found = await client.query("SELECT 1 FROM pg_namespace WHERE nspname = 'rotunda_queue'");
        return found.rowCount === 1 || undefined;
      });
      await client.query('DROP SCHEMA rotunda_queue CASCADE');
    } finally {
      await client.end();
    }
  }
});
