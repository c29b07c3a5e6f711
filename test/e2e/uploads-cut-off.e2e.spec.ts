// Uploads that break off, because the agent or the server was killed in the middle: nothing of them is ever stored, and what
// is sent again is stored once and whole.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { addProject, jobsOf, outputOfStep, trigger, workflowEnd, workflowOf } from '../support/pipelines.js';
import { makeRepository, type TestRepository } from '../support/repository.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { until } from '../support/until.js';

const MEGABYTES = 150;
const FILL = `mkdir -p out; head -c ${MEGABYTES}M /dev/urandom > out/big; sha256sum out/big > sum`;
const CONFIG = `
version: 2.1
parameters:
  which: { type: string, default: none }
jobs:
  cache: &job
    docker: [{ image: cimg/base:current }]
    steps:
      - run: ${FILL}
      - save_cache: { key: big-<< pipeline.number >>, paths: [out] }
      - run: rm -r out
      - restore_cache: { key: big-<< pipeline.number >> }
      - run: { name: compare, command: sha256sum -c sum }
  layer:
    <<: *job
    steps: [{ run: ${FILL} }, { persist_to_workspace: { root: out, paths: [big] } }]
  artifact:
    <<: *job
    steps: [{ run: ${FILL} }, { store_artifacts: { path: out/big } }]
workflows:
  cache: { when: { equal: [cache, << pipeline.parameters.which >>] }, jobs: [cache] }
  layer: { when: { equal: [layer, << pipeline.parameters.which >>] }, jobs: [layer] }
  artifact: { when: { equal: [artifact, << pipeline.parameters.which >>] }, jobs: [artifact] }
`;
const STORED = ['CacheSaved', 'WorkspaceLayerAdded', 'ArtifactStored'];

describe('an upload that breaks off', () => {
  let server: TestServer;
  let repository: TestRepository;
  let slug: string;

  beforeAll(async () => {
    repository = await makeRepository(CONFIG);
    server = await startTestServer({ env: { ROTUNDA_LEASE_SECONDS: '2' } });
    slug = await addProject(server.api, 'cut-off', repository.path);
  }, 120_000);
  afterAll(async () => {
    await server?.stop();
    await repository?.remove();
  }, 60_000);

  const blobs = (...path: string[]): string => join(server.dataDirectory, 'blobs', ...path);
  /** Bytes of files that are being written: only uploads are that large. */
  const underWay = async (): Promise<number> => {
    const sizes = (await readdir(blobs('tmp'))).map((name) =>
      stat(blobs('tmp', name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
    return Math.max(0, ...(await Promise.all(sizes)));
  };
  const inTheMiddle = (): Promise<true> =>
    until('the upload to be under way', 60_000, async () => (await underWay()) > 1_000_000 || undefined, 2);
  const storedEvents = async (): Promise<string[]> => {
    const client = new pg.Client({ connectionString: await server.databaseUrl(), query_timeout: 30_000 });
    await client.connect();
    try {
      const { rows } = await client.query<{ type: string }>(
        'SELECT type FROM rotunda.events WHERE type = ANY($1)',
        [STORED],
      );
      return rows.map(({ type }) => type);
    } finally {
      await client.end();
    }
  };
  const begin = async (which: string): Promise<string> =>
    (await workflowOf(server.api, await trigger(server.api, slug, { which }))).id;

  describe('because the agent is killed', () => {
    let before: string[];
    beforeEach(async () => {
      before = await storedEvents();
    });
    // A server that starts starts its agent, too.
    afterEach(async () => {
      await server.kill9();
      await server.restart();
    }, 90_000);

    it.each(['cache', 'layer', 'artifact'])(
      'leaves no %s',
      async (which) => {
        const workflow = await begin(which);
        await inTheMiddle();
        process.kill(await server.agentPid(), 'SIGKILL');
        expect((await workflowEnd(server.api, workflow)).status).toBe('failed');
        expect((await jobsOf(server.api, workflow)).map(({ status }) => status)).toEqual([
          'infrastructure_fail',
        ]);
        await until(
          'what was written to be removed',
          30_000,
          async () => (await underWay()) === 0 || undefined,
        );
        expect(await storedEvents()).toEqual(before);
        const kinds = await readdir(blobs('blobs'));
        expect(kinds.filter((name) => /^(caches|workspaces|artifacts)\.d$/.test(name))).toEqual([]);
      },
      120_000,
    );
  });

  it('because the server is killed is made again, and whole', async () => {
    const workflow = await begin('cache');
    await inTheMiddle();
    await server.kill9();
    await server.restart();
    expect((await workflowEnd(server.api, workflow, 120_000)).status).toBe('success');
    const [job] = await jobsOf(server.api, workflow);
    expect(await outputOfStep(server.api, job!.id, 'compare')).toContain('out/big: OK');
    expect(await storedEvents()).toEqual(['CacheSaved']);
  }, 200_000);
});
