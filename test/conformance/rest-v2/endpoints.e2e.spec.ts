// Every endpoint of REST v2 on a real server: what it answers, and that it has the form of the original's document.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JobFacts } from '../../../src/execution/jobs/job.events.js';
import { checkAgainst, originalCheck, type Check } from './reference.js';
import { startRestServer, type Answer, type CallOptions, type RestServer } from './rest-server.js';
import { COMPILED, SOURCE, Story, type StoryWorkflow } from './story.js';

type Json = { [name: string]: unknown };
type Page = { items: Json[]; next_page_token: string | null };

let rest: RestServer;
let story: Story;
let original: Check | undefined;
let own: Check;

/**
 * Calls an endpoint and checks the answer against both documents. `template`: the path as the documents have it.
 * `nowhere`: the original's document has no schema for it.
 */
async function ask(
  method: string,
  template: string,
  path: string,
  status: number,
  options?: CallOptions & { nowhere?: boolean },
): Promise<Json> {
  const answer: Answer = await rest.call(method, `/api/v2${path}`, options);
  expect({ status: answer.status, body: answer.body }).toEqual({ status, body: expect.anything() });
  expect(answer.headers.get('content-type')).toContain('application/json');
  expect(own(method, template, status, answer.body)).toBe('');
  if (original && !options?.nowhere) {
    expect(original(method, ORIGINAL_PATHS[template] ?? template, status, answer.body)).toBe('');
  }
  return answer.body as Json;
}

const PROJECT = '/project/{project-slug}';
const RUN = `${PROJECT}/pipeline/run`;
/** Paths whose parameters the original's document names otherwise. */
const ORIGINAL_PATHS: Record<string, string> = {
  [RUN]: '/project/{provider}/{organization}/{project}/pipeline/run',
  '/jobs/{job_id}/cancel': '/jobs/{job-id}/cancel',
};
const slug = 'gh/acme/demo';
let project: Json;
let user: Json;

beforeAll(async () => {
  rest = await startRestServer();
  original = await originalCheck();
  const document = await rest.call('GET', '/api/v2/openapi.json', { token: null });
  expect(document.status).toBe(200);
  own = checkAgainst(document.body as Parameters<typeof checkAgainst>[0]);
  user = await ask('GET', '/me', '/me', 200);
  story = new Story(rest, String(user['id']));
  project = await ask(
    'POST',
    '/organization/{org-slug-or-id}/project',
    '/organization/github/acme/project',
    200,
    { body: { name: 'demo', vcs_url: rest.repository, color: 'unknown fields are tolerated' } },
  );
}, 120_000);

afterAll(async () => {
  await rest?.stop();
}, 60_000);

async function trigger(body: Json): Promise<Json> {
  return ask('POST', `${PROJECT}/pipeline`, `/project/${slug}/pipeline`, 201, { body });
}

describe('users', () => {
  it('says who the token belongs to, by every way of sending it', async () => {
    expect(user).toEqual({ id: expect.any(String), login: 'admin', name: 'Administrator' });
    const basic = Buffer.from(`${rest.token}:`).toString('base64');
    for (const authorization of [`Bearer ${rest.token}`, `Basic ${basic}`])
      expect(
        (await rest.call('GET', '/api/v2/me', { token: null, headers: { authorization } })).body,
      ).toEqual(user);
    expect((await rest.call('GET', `/api/v2/me?circle-token=${rest.token}`, { token: null })).body).toEqual(
      user,
    );
  });

  it('shows a user by id', async () => {
    expect(await ask('GET', '/user/{id}', `/user/${user['id']}`, 200)).toEqual(user);
  });

  it('lists the organisations that have projects, each once', async () => {
    for (const [organization, name] of [
      ['git/zebra', 'one'],
      ['git/zebra', 'two'],
    ])
      await ask(
        'POST',
        '/organization/{org-slug-or-id}/project',
        `/organization/${organization}/project`,
        200,
        { body: { name, vcs_url: rest.repository } },
      );
    expect(await ask('GET', '/me/collaborations', '/me/collaborations', 200)).toEqual([
      {
        id: project['organization_id'],
        'vcs-type': 'github',
        vcs_type: 'github',
        name: 'acme',
        avatar_url: '',
        slug: 'gh/acme',
      },
      expect.objectContaining({ slug: 'git/zebra', vcs_type: 'git', name: 'zebra' }),
    ]);
  });
});

describe('projects', () => {
  it('shows a new project under its canonical slug', () => {
    expect(project).toEqual({
      slug,
      name: 'demo',
      id: expect.any(String),
      organization_name: 'acme',
      organization_slug: 'gh/acme',
      organization_id: expect.any(String),
      vcs_info: { vcs_url: rest.repository, provider: 'GitHub', default_branch: 'main' },
    });
  });

  it.each(['gh/acme/demo', 'github/acme/demo', 'gh%2Facme%2Fdemo', 'github%2facme%2fdemo', 'ID'])(
    'is found as %s',
    async (form) => {
      const path = form === 'ID' ? String(project['id']) : form;
      expect(await ask('GET', PROJECT, `/project/${path}`, 200)).toEqual(project);
      const page = await ask('GET', `${PROJECT}/pipeline`, `/project/${path}/pipeline?branch=none`, 200);
      expect(page['items']).toEqual([]);
    },
  );

  it('is made in an organisation given by id or escaped slug, and only once', async () => {
    const head = await rest.head();
    for (const organization of [String(project['organization_id']), 'gh%2Facme'])
      expect(
        await ask(
          'POST',
          '/organization/{org-slug-or-id}/project',
          `/organization/${organization}/project`,
          200,
          { body: { name: 'demo', vcs_url: rest.repository } },
        ),
      ).toEqual(project);
    expect(await rest.head()).toBe(head);
  });

  it.each(['pipeline', 'artifacts', 'job', 'tests', 'mine'])('may be called %s', async (name) => {
    const path = `/organization/gh/${name}/project`;
    const made = await ask('POST', '/organization/{org-slug-or-id}/project', path, 200, {
      body: { name, vcs_url: rest.repository },
    });
    expect(await ask('GET', PROJECT, `/project/gh/${name}/${name}`, 200)).toEqual(made);
  });

  it('may have a slug of the greatest length', async () => {
    const [organization, name] = ['o'.repeat(100), 'n'.repeat(100)];
    const made = await ask(
      'POST',
      '/organization/{org-slug-or-id}/project',
      `/organization/gh/${organization}/project`,
      200,
      {
        body: { name, vcs_url: rest.repository },
      },
    );
    expect(await ask('GET', PROJECT, `/project/gh/${organization}/${name}`, 200)).toEqual(made);
  });
});

describe('pipelines', () => {
  it('is triggered, shown, compiled and shown again', async () => {
    const started = await trigger({ branch: 'feature', parameters: { deploy: true, count: 3, who: 'me' } });
    expect(started).toEqual({
      id: expect.any(String),
      state: 'pending',
      number: expect.any(Number),
      created_at: expect.any(String),
    });
    const path = `/pipeline/${started['id']}`;
    const shown = await ask('GET', '/pipeline/{pipeline-id}', path, 200);
    expect(shown).toMatchObject({
      ...started,
      errors: [],
      project_slug: slug,
      trigger_parameters: { deploy: true, count: 3, who: 'me' },
      trigger: { type: 'api', actor: { login: 'admin' } },
      vcs: { branch: 'feature', revision: '', target_repository_url: rest.repository },
    });
    expect(await ask('GET', '/pipeline/{pipeline-id}/config', `${path}/config`, 200)).toEqual({
      source: '',
      compiled: '',
    });
    await story.compiled(String(started['id']), String(project['id']), 'feature');
    const byNumber = `/project/${slug}/pipeline/${started['number']}`;
    expect(await ask('GET', `${PROJECT}/pipeline/{pipeline-number}`, byNumber, 200)).toMatchObject({
      id: started['id'],
      state: 'created',
      vcs: {
        branch: 'feature',
        revision: 'd'.repeat(40),
        commit: { subject: 'First', body: 'More about it' },
      },
    });
    expect(await ask('GET', '/pipeline/{pipeline-id}/config', `${path}/config`, 200)).toEqual({
      source: SOURCE,
      compiled: COMPILED,
    });
    expect(await ask('GET', '/pipeline/{pipeline-id}/values', `${path}/values`, 200)).toMatchObject({
      id: started['id'],
      number: started['number'],
      'git.branch': 'feature',
      'git.branch.is_default': false,
      'project.slug': slug,
    });
  });

  it('shows the errors of a config', async () => {
    const { id } = await trigger({});
    await story.errored(String(id), String(project['id']));
    expect(await ask('GET', '/pipeline/{pipeline-id}', `/pipeline/${id}`, 200)).toMatchObject({
      state: 'errored',
      errors: [{ type: 'config', message: 'Job "build" is not defined' }],
    });
  });

  it.each([
    ['a definition and two refs', { config: { branch: 'b' }, checkout: { branch: 'b' } }],
    ['empty refs beside a branch', { config: { branch: '', tag: '' }, checkout: { branch: 'b', tag: '' } }],
  ])('is run with %s', async (_, body) => {
    const started = await ask('POST', RUN, `/project/github/acme/demo/pipeline/run`, 201, {
      body: { ...body, definition_id: project['id'] },
    });
    const shown = await ask('GET', '/pipeline/{pipeline-id}', `/pipeline/${started['id']}`, 200);
    expect(shown['vcs']).toMatchObject({ branch: 'b' });
  });

  it('is triggered by a POST that has the type of JSON and no body', async () => {
    const answer = await rest.call('POST', `/api/v2/project/${slug}/pipeline`, {
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(201);
  });

  it('is listed in pages of 20, newest first, each pipeline once', async () => {
    await ask('POST', '/organization/{org-slug-or-id}/project', '/organization/gh/paged/project', 200, {
      body: { name: 'many', vcs_url: rest.repository },
    });
    const made: unknown[] = [];
    for (let i = 0; i < 45; i += 1) {
      const body = { branch: i % 2 === 0 ? 'even' : 'odd' };
      const path = '/project/gh/paged/many/pipeline';
      made.unshift((await ask('POST', `${PROJECT}/pipeline`, path, 201, { body }))['number']);
    }
    const base = '/project/gh/paged/many/pipeline';
    for (const [template, path] of [
      [`${PROJECT}/pipeline`, base],
      [`${PROJECT}/pipeline/mine`, `${base}/mine`],
      ['/pipeline', '/pipeline?org-slug=github/paged'],
      ['/pipeline', '/pipeline?org-slug=gh/paged&mine=true'],
    ] as const) {
      const pages = await allPages(template, path);
      expect(pages.map((page) => page.length)).toEqual([20, 20, 5]);
      expect(pages.flat().map((item) => item['number'])).toEqual(made);
    }
    const odd = (await allPages(`${PROJECT}/pipeline`, `${base}?branch=odd`)).flat();
    expect(odd.map((item) => item['number'])).toEqual(made.filter((number) => Number(number) % 2 === 0));
    const everywhere = (await ask('GET', '/pipeline', '/pipeline', 200)) as unknown as Page;
    expect(everywhere.items).toHaveLength(20);
  });

  async function allPages(template: string, path: string): Promise<Json[][]> {
    const pages: Json[][] = [];
    const join = path.includes('?') ? '&' : '?';
    for (let token = ''; pages.length < 10;) {
      const answer = await ask('GET', template, `${path}${join}page-token=${token}`, 200);
      const { items, next_page_token } = answer as unknown as Page;
      pages.push(items);
      if (next_page_token === null) return pages;
      token = next_page_token;
    }
    throw new Error('the list does not end');
  }
});

describe('workflows and jobs', () => {
  let ids: StoryWorkflow;
  let pipeline: Json;
  let job: JobFacts;
  const at = (): { workflowId: string; pipelineId: string; projectId: string } => ({
    workflowId: ids.workflowId,
    pipelineId: String(pipeline['id']),
    projectId: String(project['id']),
  });
  const workflowPath = (): string => `/workflow/${ids.workflowId}`;
  const jobs = async (): Promise<Json[]> => {
    const page = await ask('GET', '/workflow/{id}/job', `${workflowPath()}/job`, 200);
    return (page as unknown as Page).items;
  };

  beforeAll(async () => {
    pipeline = await trigger({ branch: 'main' });
    await story.compiled(String(pipeline['id']), String(project['id']), 'main');
    ids = await story.workflow(String(pipeline['id']), String(project['id']));
  });

  it('shows a workflow, alone and in its pipeline', async () => {
    const shown = await ask('GET', '/workflow/{id}', workflowPath(), 200);
    expect(shown).toEqual({
      id: ids.workflowId,
      pipeline_id: pipeline['id'],
      pipeline_number: pipeline['number'],
      project_slug: slug,
      name: 'main',
      status: 'running',
      started_by: user['id'],
      created_at: expect.any(String),
      stopped_at: null,
    });
    const list = await ask(
      'GET',
      '/pipeline/{pipeline-id}/workflow',
      `/pipeline/${pipeline['id']}/workflow`,
      200,
    );
    expect(list).toEqual({ items: [shown], next_page_token: null });
  });

  it('shows its jobs with what they wait for', async () => {
    expect(await jobs()).toEqual([
      expect.objectContaining({ name: 'build', status: 'queued', dependencies: [], started_at: null }),
      expect.objectContaining({
        name: 'hold',
        type: 'approval',
        status: 'blocked',
        approval_request_id: ids.hold,
        dependencies: [ids.build],
        requires: { [ids.build]: ['success'] },
      }),
      expect.objectContaining({ name: 'deploy', status: 'blocked', dependencies: [ids.hold] }),
    ]);
  });

  it('shows a job that waits, runs and has ended', async () => {
    job = await story.queued(ids.build, 'build', at());
    const [build] = await jobs();
    const path = `/project/${slug}/job/${build!['job_number']}`;
    const template = `${PROJECT}/job/{job-number}`;
    const waiting = await ask('GET', template, path, 200);
    expect(waiting).toMatchObject({
      id: ids.build,
      name: 'build',
      status: 'queued',
      started_at: null,
      duration: null,
      parallelism: 2,
      executor: { resource_class: 'large', type: 'docker' },
      contexts: [{ name: 'org-global' }],
      parallel_runs: [
        { index: 0, status: 'queued' },
        { index: 1, status: 'queued' },
      ],
      latest_workflow: { id: ids.workflowId, name: 'main' },
      pipeline: { id: pipeline['id'] },
      organization: { name: 'acme' },
      project: { id: project['id'], slug, name: 'demo' },
      web_url: `${rest.server.url}/pipelines/${slug}/${pipeline['number']}/workflows/${ids.workflowId}/jobs/${build!['job_number']}`,
    });
    await story.started(job);
    expect(await ask('GET', template, path, 200)).toMatchObject({ status: 'running', duration: null });
    await story.succeeded(job);
    const ended = await ask('GET', template, path, 200);
    expect(ended).toMatchObject({ status: 'success', duration: expect.any(Number) });
    expect(await ask('GET', '/jobs/{job_id}', `/jobs/${ids.build}`, 200, { nowhere: true })).toEqual(ended);
  });

  it('is on hold until it is approved', async () => {
    expect((await ask('GET', '/workflow/{id}', workflowPath(), 200))['status']).toBe('on_hold');
    const held = await ask('GET', '/jobs/{job_id}', `/jobs/${ids.hold}`, 200, { nowhere: true });
    expect(held).toMatchObject({ name: 'hold', type: 'approval', status: 'on_hold' });
    const path = `${workflowPath()}/approve/${ids.hold}`;
    await ask('POST', '/workflow/{id}/approve/{approval_request_id}', path, 202, {
      headers: { 'content-type': 'application/json' },
    });
    const [, hold, deploy] = await jobs();
    expect(hold).toMatchObject({ status: 'success', approved_by: user['id'] });
    expect(deploy).toMatchObject({ status: 'queued' });
  });

  it('cancels a job through its workflow, waiting or not yet queued', async () => {
    const deploy = await story.queued(ids.deploy, 'deploy', at());
    const number = (await jobs())[2]!['job_number'];
    await ask('POST', `${PROJECT}/job/{job-number}/cancel`, `/project/${slug}/job/${number}/cancel`, 200);
    expect((await jobs())[2]).toMatchObject({ canceled_by: user['id'] });

    const other = await story.workflow(deploy.pipelineId, deploy.projectId);
    await ask('POST', '/jobs/{job_id}/cancel', `/jobs/${other.deploy}/cancel`, 200);
    const page = (await ask(
      'GET',
      '/workflow/{id}/job',
      `/workflow/${other.workflowId}/job`,
      200,
    )) as unknown as Page;
    expect(page.items[2]).toMatchObject({
      name: 'deploy',
      status: 'canceled',
      stopped_at: expect.any(String),
    });
  });

  it('cancels a workflow and runs it again', async () => {
    const { workflowId, build } = await story.workflow(String(pipeline['id']), String(project['id']));
    const path = `/workflow/${workflowId}`;
    await ask('POST', '/workflow/{id}/cancel', `${path}/cancel`, 202);
    expect(await ask('GET', '/workflow/{id}', path, 200)).toMatchObject({ canceled_by: user['id'] });
    const again = await ask('POST', '/workflow/{id}/rerun', `${path}/rerun`, 202, {
      body: { from_failed: false, enable_ssh: false, jobs: [build], sparse_tree: false },
    });
    const shown = await ask('GET', '/workflow/{id}', `/workflow/${again['workflow_id']}`, 200);
    expect(shown).toMatchObject({ name: 'main', status: 'running', started_by: user['id'] });
  });

  it('lists artifacts and hands out their content', async () => {
    const path = 'coverage/a b#c?/100%/ü.html';
    const page = '<script>alert(1)</script>';
    await story.artifact(job, 0, path, page);
    await story.artifact(job, 1, 'log.txt', '0123456789');
    const number = (await jobs())[0]!['job_number'];
    const list = await ask(
      'GET',
      `${PROJECT}/{job-number}/artifacts`,
      `/project/${slug}/${number}/artifacts`,
      200,
    );
    const items = (list as unknown as Page).items as { path: string; url: string; node_index: number }[];
    expect(items.map((item) => [item.node_index, item.path])).toEqual([
      [0, path],
      [1, 'log.txt'],
    ]);
    const get = (url: string, options?: CallOptions): Promise<Answer> =>
      rest.call('GET', url.slice(rest.server.url.length), options);
    const html = await get(items[0]!.url);
    expect(html).toMatchObject({ status: 200, body: page });
    expect(html.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(html.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
    expect(html.headers.get('x-content-type-options')).toBe('nosniff');

    const part = await get(items[1]!.url, { headers: { range: 'bytes=2-4' } });
    expect(part).toMatchObject({ status: 206, body: '234' });
    expect(part.headers.get('content-range')).toBe('bytes 2-4/10');
    expect(await get(items[1]!.url, { headers: { range: 'bytes=-3' } })).toMatchObject({
      status: 206,
      body: '789',
    });
    const beyond = await get(items[1]!.url, { headers: { range: 'bytes=10-' } });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */10']);
    const known = await get(items[1]!.url, { headers: { 'if-none-match': part.headers.get('etag')! } });
    expect([known.status, known.body]).toEqual([304, '']);
    const head = await rest.call('HEAD', items[1]!.url.slice(rest.server.url.length));
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '10']);
    expect(await get(items[1]!.url, { token: null })).toMatchObject({ status: 401 });
    expect(await get(`${items[1]!.url}x`)).toMatchObject({
      status: 404,
      body: { message: 'Artifact not found' },
    });
  });

  it('lists test results, in pages when there are very many', async () => {
    const result = {
      classname: 'C',
      file: 'c.spec',
      source: 'jest',
      result: 'success',
      runTime: 0.25,
      message: '',
    };
    const names = Array.from({ length: 620 }, (_, i) => `test ${i}`);
    await story.tests(
      job,
      names.map((name) => ({ ...result, name })),
    );
    const number = (await jobs())[0]!['job_number'];
    const path = `/project/${slug}/${number}/tests`;
    const template = `${PROJECT}/{job-number}/tests`;
    const first = (await ask('GET', template, path, 200)) as unknown as Page;
    expect(first.items[0]).toEqual({
      classname: 'C',
      name: 'test 0',
      file: 'c.spec',
      source: 'jest',
      result: 'success',
      run_time: 0.25,
      message: '',
    });
    const second = (await ask(
      'GET',
      template,
      `${path}?page-token=${first.next_page_token}`,
      200,
    )) as unknown as Page;
    expect([...first.items, ...second.items].map((item) => item['name'])).toEqual(names);
    expect(second.next_page_token).toBeNull();
  });
});

describe('variables of a project', () => {
  const ENVVAR = `${PROJECT}/envvar`;
  const at = `/project/${slug}/envvar`;
  const shown = (name: string, value: string) => ({
    ...{ name, value, 'created-at': expect.any(String), created_at: expect.any(String) },
  });

  it('are stored, shown without their values, changed and removed', async () => {
    const body = { name: 'DEPLOY_KEY', value: 'canary-value-1234' };
    expect(await ask('POST', ENVVAR, at, 201, { body })).toEqual(shown('DEPLOY_KEY', 'xxxx1234'));
    await ask('POST', ENVVAR, at, 201, { body: { name: 'SHORT', value: 'abc' } });
    await ask('POST', ENVVAR, at, 201, { body: { name: 'EMPTY', value: '' } });
    expect(await ask('GET', ENVVAR, `${at}?page-token=`, 200)).toEqual({
      items: [shown('DEPLOY_KEY', 'xxxx1234'), shown('EMPTY', 'xxxx'), shown('SHORT', 'xxxx')],
      next_page_token: null,
    });
    const again = { name: 'DEPLOY_KEY', value: 'canary-value-5678' };
    await ask('POST', ENVVAR, '/project/gh%2Facme%2Fdemo/envvar', 201, { body: again });
    expect(await ask('GET', `${ENVVAR}/{name}`, `${at}/DEPLOY_KEY`, 200)).toEqual(
      shown('DEPLOY_KEY', 'xxxx5678'),
    );
    for (const name of ['DEPLOY_KEY', 'SHORT', 'EMPTY'])
      expect(await ask('DELETE', `${ENVVAR}/{name}`, `${at}/${name}`, 200)).toEqual({
        message: 'Environment variable deleted.',
      });
    expect(await ask('GET', ENVVAR, at, 200)).toEqual({ items: [], next_page_token: null });
  });

  it('are nowhere in the database as they are', async () => {
    await ask('POST', ENVVAR, at, 201, { body: { name: 'CANARY', value: 'canary-in-the-database' } });
    const { database } = rest.server.parts;
    const tables: { name: string }[] = await database.query(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    expect(tables.length).toBeGreaterThan(10);
    for (const { name } of tables) {
      const [{ found }] = await database.query(
        `SELECT count(*)::int AS found FROM ${name} t WHERE t::text LIKE '%canary-in-the-%' OR t::text LIKE $1`,
        [`%${Buffer.from('canary-in-the-database').toString('hex')}%`],
      );
      expect({ name, found }).toEqual({ name, found: 0 });
    }
    await ask('DELETE', `${ENVVAR}/{name}`, `${at}/CANARY`, 200);
  });
});

describe('contexts', () => {
  const VARIABLE = '/context/{context_id}/environment-variable';
  const owner = { slug: 'github/acme', type: 'organization' };
  const create = (name: string) => ask('POST', '/context', '/context', 200, { body: { name, owner } });

  it('are made for an organization by slug or id, listed in pages, and deleted', async () => {
    const first = await create('b-first');
    expect(first).toEqual({
      ...{ id: expect.any(String), name: 'b-first', created_at: expect.any(String) },
    });
    const byId = { name: 'a-by-id', owner: { id: project['organization_id'], type: 'organization' } };
    await ask('POST', '/context', '/context', 200, { body: byId });
    for (let i = 0; i < 20; i++) await create(`page-${String(i).padStart(2, '0')}`);
    const names = async (query: string): Promise<[unknown[], string | null]> => {
      const page = (await ask('GET', '/context', `/context?${query}`, 200)) as unknown as Page;
      return [page.items.map((item) => item['name']), page.next_page_token];
    };
    const [some, next] = await names('owner-slug=gh/acme');
    expect([some.length, some.slice(0, 2)]).toEqual([20, ['a-by-id', 'b-first']]);
    const [others, none] = await names(`owner-slug=gh/acme&page-token=${next}`);
    expect([others, none]).toEqual([['page-18', 'page-19'], null]);
    expect(await names(`owner-id=${project['organization_id']}&name=FIRST`)).toEqual([['b-first'], null]);
    expect(await names('owner-slug=gh/other')).toEqual([[], null]);
    expect(await ask('DELETE', '/context/{context_id}', `/context/${first['id']}`, 200)).toEqual({
      message: 'Context deleted.',
    });
    expect((await rest.call('GET', `/api/v2/context/${first['id']}`)).status).toBe(404);
    expect((await create('b-first'))['id']).toBe(first['id']);
  });

  it('hold variables, whose values are never shown', async () => {
    const { id } = await create('with-variables');
    const at = `/context/${id}/environment-variable`;
    const shown = (variable: string) => ({
      ...{ variable, context_id: id },
      ...{ created_at: expect.any(String), updated_at: expect.any(String) },
    });
    const put = (name: string, value: string) =>
      ask('PUT', `${VARIABLE}/{env_var_name}`, `${at}/${name}`, 200, { body: { value } });
    expect(await put('TOKEN', 'canary-value-1234')).toEqual(shown('TOKEN'));
    await put('TOKEN', 'canary-value-5678');
    await put('A', '');
    const items = [shown('A'), shown('TOKEN')];
    const truncated = [
      { ...shown('A'), truncated_value: 'xxxx' },
      { ...shown('TOKEN'), truncated_value: 'xxxx5678' },
    ];
    expect(await ask('GET', VARIABLE, at, 200)).toEqual({ items, next_page_token: null });
    // Clients want more of these two than the original's document has (ENDPOINTS, notes on v2).
    const nowhere = { nowhere: true };
    expect(await ask('GET', '/context/{context_id}', `/context/${id}`, 200, nowhere)).toEqual({
      ...{ id, name: 'with-variables', created_at: expect.any(String) },
      ...{ org_id: project['organization_id'], environment_variables: truncated },
    });
    const listed = await ask(
      ...([
        'GET',
        '/context',
        '/context?owner-slug=gh/acme&name=with-v&include-env-vars=true',
        200,
        nowhere,
      ] as const),
    );
    expect(listed).toMatchObject({ items: [{ id, environment_variables: truncated }] });
    for (let i = 0; i < 2; i++)
      expect(await ask('DELETE', `${VARIABLE}/{env_var_name}`, `${at}/TOKEN`, 200)).toEqual({
        message: 'Environment variable deleted.',
      });
    expect(await ask('GET', VARIABLE, at, 200)).toEqual({ items: items.slice(0, 1), next_page_token: null });
  });
});

describe('the document', () => {
  it('describes every route that there is, and is for anybody', async () => {
    const { body } = await rest.call('GET', '/api/v2/openapi.json', { token: null });
    const { paths } = body as { paths: Record<string, Json> };
    const operations = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    expect(operations.sort()).toEqual(
      [
        'delete /context/{context_id}',
        'delete /context/{context_id}/environment-variable/{env_var_name}',
        'delete /project/{project-slug}/envvar/{name}',
        'get /context',
        'get /context/{context_id}',
        'get /context/{context_id}/environment-variable',
        'get /jobs/{job_id}',
        'get /me',
        'get /me/collaborations',
        'get /pipeline',
        'get /pipeline/{pipeline-id}',
        'get /pipeline/{pipeline-id}/config',
        'get /pipeline/{pipeline-id}/explain',
        'get /pipeline/{pipeline-id}/values',
        'get /pipeline/{pipeline-id}/workflow',
        'get /project/{project-slug}',
        'get /project/{project-slug}/envvar',
        'get /project/{project-slug}/envvar/{name}',
        'get /project/{project-slug}/job/{job-number}',
        'get /project/{project-slug}/pipeline',
        'get /project/{project-slug}/pipeline/mine',
        'get /project/{project-slug}/pipeline/{pipeline-number}',
        'get /project/{project-slug}/{job-number}/artifacts',
        'get /project/{project-slug}/{job-number}/tests',
        'get /user/{id}',
        'get /workflow/{id}',
        'get /workflow/{id}/job',
        'post /context',
        'post /jobs/{job_id}/cancel',
        'post /organization/{org-slug-or-id}/project',
        'post /pipeline/continue',
        'post /project/{project-slug}/envvar',
        'post /project/{project-slug}/job/{job-number}/cancel',
        'post /project/{project-slug}/pipeline',
        'post /project/{project-slug}/pipeline/run',
        'post /workflow/{id}/approve/{approval_request_id}',
        'post /workflow/{id}/cancel',
        'post /workflow/{id}/rerun',
        'put /context/{context_id}/environment-variable/{env_var_name}',
      ].sort(),
    );
  });
});
