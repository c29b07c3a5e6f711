// Dynamic config end to end: a job of the setup workflow continues its own pipeline over HTTP, as the continuation orb does.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  addProject,
  jobsOf,
  outputOfStep,
  trigger,
  workflowEnd,
  workflowsOf,
  type WorkflowView,
} from '../support/pipelines.js';
import { makeRepository, type TestRepository } from '../support/repository.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { until } from '../support/until.js';

/** The setup workflow has the name of the one that follows: they are two. */
const SETUP = `
version: 2.1
setup: true
parameters:
  how: { type: string, default: once }
  note: { type: string, default: none }
jobs:
  generate:
    docker: [{ image: cimg/base:current }]
    steps:
      - checkout
      - run: { name: body, command: 'cp "<< pipeline.parameters.how >>.json" body.json && sed -i "s|KEY|$CIRCLE_CONTINUATION_KEY|" body.json' }
      - run:
          name: continue
          command: |
            for i in 1 2; do
              curl -s -o answer.json -w '%{http_code} ' -X POST -H 'Content-Type: application/json' \\
                --data @body.json "$ROTUNDA_URL/api/v2/pipeline/continue"
              cat answer.json; echo
            done
      - run: { name: look, command: 'echo "key $CIRCLE_CONTINUATION_KEY"' }
workflows:
  main: { jobs: [generate] }
`;

const FOLLOWING = `
version: 2.1
parameters:
  note: { type: string, default: default of the second }
  given: { type: string, default: not given }
jobs:
  work:
    docker: [{ image: cimg/base:current }]
    steps:
      - run: { name: say, command: 'echo "<< pipeline.number >> << pipeline.parameters.note >>, << pipeline.parameters.given >>, key [$CIRCLE_CONTINUATION_KEY]"' }
workflows:
  main: { jobs: [work] }
`;

const body = (configuration: string, parameters?: Record<string, unknown>): string =>
  JSON.stringify({ 'continuation-key': 'KEY', configuration, parameters });

const BODIES = {
  once: body(FOLLOWING, { given: 'by the job' }),
  finish: body('version: 2\njobs: {}\nworkflows:\n  version: 2'),
  again: body(SETUP),
  wrong: body(FOLLOWING, { given: true }),
  undeclared: body(FOLLOWING, { other: 'x' }),
  conflict: body(FOLLOWING, { note: 'by the job' }),
};

describe('dynamic config', () => {
  let server: TestServer;
  let repository: TestRepository;
  let slug: string;

  beforeAll(async () => {
    server = await startTestServer({ env: { ROTUNDA_AGENT_CAPACITY: '4' } });
    repository = await makeRepository(SETUP.replaceAll('$ROTUNDA_URL', server.url));
    await repository.commit(
      Object.fromEntries(Object.entries(BODIES).map(([name, text]) => [`${name}.json`, text])),
    );
    slug = await addProject(server.api, 'dynamic', repository.path);
  }, 120_000);
  afterAll(async () => {
    await server?.stop();
    await repository?.remove();
  }, 60_000);

  interface Pipeline {
    state: string;
    errors: { type: string; message: string }[];
  }
  const pipelineIn = (id: string, ...states: string[]): Promise<Pipeline> =>
    until(`pipeline ${id} to be ${states.join(' or ')}`, 60_000, async () => {
      const pipeline = await server.api.get<Pipeline>(`/api/v2/pipeline/${id}`);
      return states.includes(pipeline.state) ? pipeline : undefined;
    });
  /** The workflow of this number, oldest first. */
  const workflow = (id: string, index: number): Promise<WorkflowView> =>
    until(`workflow ${index}`, 60_000, async () => (await workflowsOf(server.api, id)).reverse()[index]);
  const outputOf = async (workflowId: string, step: string): Promise<string> => {
    const [job] = await jobsOf(server.api, workflowId);
    return job ? outputOfStep(server.api, job.id, step) : '';
  };
  /** What the command of a step wrote, in one line. */
  const said = async (workflowId: string, step: string): Promise<string | undefined> =>
    (await outputOf(workflowId, step)).trim().split('\n').at(-1);
  /** Status and body of each answer that the setup job got. */
  const answersIn = async (workflowId: string): Promise<string[]> =>
    (await outputOf(workflowId, 'continue')).split('\n').filter((line) => /^\d{3} \{/.test(line));
  /** What the setup job was answered, the first time and the second. */
  const answersTo = async (id: string): Promise<string[]> => {
    const setup = await until('the setup workflow', 60_000, async () => {
      const page = await server.api.get<{ items: WorkflowView[] }>(`/api/v2/pipeline/${id}/workflow`);
      return page.items.at(-1);
    });
    expect((await workflowEnd(server.api, setup.id)).status).toBe('success');
    return answersIn(setup.id);
  };

  it('runs the setup workflow, then the config that its job gave, once', async () => {
    const id = await trigger(server.api, slug, { note: 'by the trigger' });
    const setup = await workflow(id, 0);
    expect((await workflowEnd(server.api, setup.id)).status).toBe('success');
    const answers = await answersIn(setup.id);
    expect(answers[0]).toMatch(/^200 \{"message":/);
    expect(answers[1]).toBe('409 {"message":"Key has expired."}');
    expect(await said(setup.id, 'look')).toMatch(/^key \*+$/);

    expect(await pipelineIn(id, 'created')).toMatchObject({ errors: [] });
    const second = await workflow(id, 1);
    expect(second.name).toBe('main');
    expect((await workflowEnd(server.api, second.id)).status).toBe('success');
    const { number } = await server.api.get<{ number: number }>(`/api/v2/pipeline/${id}`);
    expect(await said(second.id, 'say')).toBe(`${number} by the trigger, by the job, key []`);
    expect((await workflowsOf(server.api, id)).map(({ name }) => name)).toEqual(['main', 'main']);

    const config = await server.api.get<Record<string, string>>(`/api/v2/pipeline/${id}/config`);
    expect(config['source']).toBe(FOLLOWING);
    expect(config['compiled']).toContain('by the trigger');
    expect(config['setup-config']).toContain('setup: true');
    expect(config['compiled-setup-config']).toContain('generate:');
  }, 120_000);

  it('keeps no key in the log', async () => {
    const { items } = await server.api.get<{ items: { id: string }[] }>(`/api/v2/project/${slug}/pipeline`);
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: await server.databaseUrl() });
    await client.connect();
    try {
      const { rows } = await client.query<{ value: Buffer }>('SELECT value FROM rotunda.server_secret');
      const { createHmac } = await import('node:crypto');
      for (const { id } of items) {
        const bytes = Buffer.from(id.replaceAll('-', ''), 'hex');
        const proof = createHmac('sha256', rows[0]!.value).update(bytes).digest();
        const key = Buffer.concat([bytes, proof]).toString('base64url');
        const found = await client.query(
          `SELECT count(*)::int AS n FROM rotunda.events WHERE data::text LIKE '%' || $1 || '%'`,
          [key],
        );
        expect(found.rows).toEqual([{ n: 0 }]);
      }
    } finally {
      await client.end();
    }
  });

  it('may be finished without more work', async () => {
    const id = await trigger(server.api, slug, { how: 'finish' });
    expect((await answersTo(id))[0]).toMatch(/^200 /);
    expect(await pipelineIn(id, 'created', 'errored')).toMatchObject({ state: 'created' });
    expect(await workflowsOf(server.api, id)).toHaveLength(1);
  }, 120_000);

  it('refuses another setup config', async () => {
    const id = await trigger(server.api, slug, { how: 'again' });
    const refused = '400 {"message":"A pipeline cannot be continued with another setup configuration."}';
    expect(await answersTo(id)).toEqual([refused, refused]);
    expect((await server.api.get<Pipeline>(`/api/v2/pipeline/${id}`)).state).toBe('setup');
  }, 120_000);

  it('refuses a parameter that the trigger changed and the job gives again', async () => {
    const id = await trigger(server.api, slug, { how: 'conflict', note: 'by the trigger' });
    const refused = '409 {"message":"Conflicting pipeline parameters."}';
    expect(await answersTo(id)).toEqual([refused, refused]);
  }, 120_000);

  it.each([
    ['wrong', 'Type error for argument given: expected type: string, actual value: "true" (type boolean)'],
    ['undeclared', 'Unexpected argument(s): other'],
  ])(
    'a parameter that does not fit is an error of the pipeline: %s',
    async (how, message) => {
      const id = await trigger(server.api, slug, { how });
      expect((await answersTo(id))[0]).toMatch(/^200 /);
      const pipeline = await pipelineIn(id, 'errored');
      expect(pipeline.errors).toEqual([{ type: 'config', message: expect.stringContaining(message) }]);
    },
    120_000,
  );

  it('a rerun of the setup workflow finds the key used up', async () => {
    const id = await trigger(server.api, slug);
    const setup = await workflow(id, 0);
    await workflowEnd(server.api, setup.id);
    await pipelineIn(id, 'created');
    const rerun = await server.api.post<{ workflow_id: string }>(`/api/v2/workflow/${setup.id}/rerun`, {});
    expect((await workflowEnd(server.api, rerun.workflow_id)).status).toBe('success');
    const expired = '409 {"message":"Key has expired."}';
    expect(await answersIn(rerun.workflow_id)).toEqual([expired, expired]);
  }, 120_000);

  it("a key that is nobody's is refused, with no other credential asked for", async () => {
    const answer = await fetch(`${server.url}/api/v2/pipeline/continue`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ 'continuation-key': 'x', configuration: FOLLOWING }),
    });
    expect([answer.status, await answer.json()]).toEqual([404, { message: 'Invalid continuation key.' }]);
    const without = await fetch(`${server.url}/api/v2/pipeline/continue`, { method: 'POST' });
    expect([without.status, await without.json()]).toEqual([
      400,
      { message: 'Missing one or more JSON fields: continuation-key.' },
    ]);
  });

  it('goes on after the server was killed when it had just been continued', async () => {
    const id = await trigger(server.api, slug);
    const setup = await workflow(id, 0);
    await until('the pipeline to be continued', 60_000, async () =>
      (await answersIn(setup.id))[0]?.startsWith('200 ') ? true : undefined,
    );
    await server.kill9();
    await server.restart();
    await pipelineIn(id, 'created');
    const second = await workflow(id, 1);
    expect((await workflowEnd(server.api, second.id, 90_000)).status).toBe('success');
    expect(await workflowsOf(server.api, id)).toHaveLength(2);
  }, 180_000);
});
