// What REST v2 answers to wrong requests: the status, the words, and that nothing was recorded.
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '../../../src/platform/ids/ids.js';
import { startRestServer, type CallOptions, type RestServer } from './rest-server.js';
import { Story } from './story.js';

let rest: RestServer;
/** What `{name}` in a path or a body of the table stands for. */
const known: Record<string, string> = { unknown: newId() };

beforeAll(async () => {
  rest = await startRestServer();
  const ask = async (method: string, path: string, body?: unknown): Promise<Record<string, string>> =>
    (await rest.call(method, `/api/v2${path}`, { body })).body as Record<string, string>;
  const me = await ask('GET', '/me');
  const project = await ask('POST', '/organization/gh/acme/project', {
    name: 'demo',
    vcs_url: rest.repository,
  });
  const pipeline = await ask('POST', '/project/gh/acme/demo/pipeline', { branch: 'main' });
  const story = new Story(rest, me['id']!);
  const ids = await story.workflow(pipeline['id']!, project['id']!);
  const job = await story.queued(ids.build, 'build', {
    workflowId: ids.workflowId,
    pipelineId: pipeline['id']!,
    projectId: project['id']!,
  });
  await story.artifact(job, 0, 'a.txt', 'content');
  for (let i = 0; i < 21; i += 1) await ask('POST', '/project/gh/acme/demo/pipeline', {});
  const page = await ask('GET', '/project/gh/acme/demo/pipeline');
  Object.assign(known, {
    pipeline: pipeline['id'],
    workflow: ids.workflowId,
    build: ids.build,
    hold: ids.hold,
    token: page['next_page_token'],
    repository: rest.repository,
  });
}, 120_000);

afterAll(async () => {
  await rest?.stop();
}, 60_000);

type Row = [what: string, request: string, options: CallOptions, status: number, message: string | RegExp];

const P = '/project/gh/acme/demo';
const TRIGGER = `POST ${P}/pipeline`;
const RUN = `POST ${P}/pipeline/run`;
const CREATE = 'POST /organization/gh/acme/project';
const RERUN = 'POST /workflow/{workflow}/rerun';
const BAD_TOKEN = 'page-token is invalid: it is not one that this list gave out.';
const many = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`p${i}`, i]));
const foreign = Buffer.from(JSON.stringify(['tests', 1])).toString('base64url');
const outOfRange = Buffer.from(JSON.stringify(['pipelines', 1e300])).toString('base64url');

const rows: Row[] = [
  ['no token', 'GET /me', { token: null }, 401, 'You must log in first.'],
  ['an unknown token', 'GET /me', { token: 'rotu_no' }, 401, 'Invalid token provided.'],
  ['no token on a POST', TRIGGER, { token: null, body: {} }, 401, 'You must log in first.'],
  [
    'no token for an artifact',
    'GET !/output/job/{build}/artifacts/0/a.txt',
    { token: null },
    401,
    'You must log in first.',
  ],

  ['a path that is not there', 'GET /nothing', {}, 404, /Cannot GET/],
  ['a method that is not there', 'DELETE /workflow/{workflow}', {}, 404, /Cannot DELETE/],

  ['a user id of the wrong form', 'GET /user/me', {}, 400, 'id is invalid.'],
  ['an unknown user', 'GET /user/{unknown}', {}, 404, 'User does not exist.'],

  ['an unknown project', 'GET /project/gh/acme/none', {}, 404, 'Project not found'],
  ['an unknown project id', 'GET /project/{unknown}', {}, 404, 'Project not found'],
  ['an unknown VCS', 'GET /project/svn%2Facme%2Fdemo', {}, 404, 'Project not found'],
  ['a slug of two parts', 'GET /project/gh%2Facme', {}, 404, 'Project not found'],
  ['a slug with dots', 'GET /project/gh%2F..%2Fdemo', {}, 404, 'Project not found'],
  ['a slug with NUL', 'GET /project/gh%2Facme%2Fde%00mo', {}, 404, 'Project not found'],

  ['a project without a name', CREATE, { body: {} }, 400, 'Missing one or more JSON fields: name.'],
  ['a name that is a number', CREATE, { body: { name: 5 } }, 400, "JSON field 'name' is of incorrect type."],
  [
    'a name with a slash',
    CREATE,
    { body: { name: 'a/b', vcs_url: '{repository}' } },
    400,
    /is not a project slug/,
  ],
  ['an empty name', CREATE, { body: { name: '', vcs_url: '{repository}' } }, 400, /is not a project slug/],
  [
    'a repository that is not there',
    CREATE,
    { body: { name: 'x', vcs_url: '/nowhere/at/all' } },
    400,
    /nowhere/,
  ],
  ['a repository that is an option', CREATE, { body: { name: 'x', vcs_url: '--upload-pack=x' } }, 400, /./],
  [
    'a repository that is a number',
    CREATE,
    { body: { name: 'x', vcs_url: 1 } },
    400,
    "JSON field 'vcs_url' is of incorrect type.",
  ],
  [
    'a password in the URL',
    CREATE,
    { body: { name: 'x', vcs_url: 'https://me:hidden@127.0.0.1:1/x' } },
    400,
    "JSON field 'vcs_url' must not have a password in it.",
  ],
  [
    'no repository where a slug tells none',
    'POST /organization/git/acme/project',
    { body: { name: 'x' } },
    400,
    'Missing one or more JSON fields: vcs_url.',
  ],
  [
    'an unknown organisation id',
    'POST /organization/{unknown}/project',
    { body: { name: 'x' } },
    404,
    'Organization does not exist.',
  ],
  [
    'an organisation of one part',
    'POST /organization/acme/project',
    { body: { name: 'x' } },
    404,
    'Organization does not exist.',
  ],

  [
    'a variable without a value',
    'POST /project/gh/acme/demo/envvar',
    { body: { name: 'X' } },
    400,
    'Missing one or more JSON fields: value.',
  ],
  [
    'a name that is no variable',
    'POST /project/gh/acme/demo/envvar',
    { body: { name: 'a-b', value: 'hidden' } },
    400,
    /^"a-b" cannot be the name of a variable/,
  ],
  [
    'a value that is too long',
    'POST /project/gh/acme/demo/envvar',
    { body: { name: 'X', value: 'x'.repeat(32_001) } },
    400,
    'The value of a variable has at most 32000 characters.',
  ],
  [
    'a value with NUL',
    'POST /project/gh/acme/demo/envvar',
    { body: { name: 'X', value: '\0' } },
    400,
    /stored/,
  ],
  [
    'a variable that is not there',
    'GET /project/gh/acme/demo/envvar/NO',
    {},
    404,
    'Environment variable not found.',
  ],
  ['one to be removed', 'DELETE /project/gh/acme/demo/envvar/NO', {}, 404, 'Environment variable not found.'],
  ['contexts of nobody', 'GET /context', {}, 400, "One of 'owner-id' and 'owner-slug' is needed."],
  [
    'an owner id of the wrong form',
    'GET /context?owner-id=1',
    {},
    400,
    "Query parameter 'owner-id' is invalid.",
  ],
  [
    'contexts of an unknown organisation',
    'GET /context?owner-id={unknown}',
    {},
    404,
    'Organization does not exist.',
  ],
  [
    'a context without an owner',
    'POST /context',
    { body: { name: 'x' } },
    400,
    'Missing one or more JSON fields: owner.',
  ],
  [
    'a context with two owners',
    'POST /context',
    { body: { name: 'x', owner: { id: '{unknown}', slug: 'gh/acme' } } },
    400,
    "JSON field 'owner' needs an id or a slug.",
  ],
  [
    'a context without a name',
    'POST /context',
    { body: { name: '', owner: { slug: 'gh/acme' } } },
    400,
    /^The name of a context has 1 to 200 characters/,
  ],
  ['a context id of the wrong form', 'GET /context/x', {}, 400, 'context_id is invalid.'],
  ['an unknown context', 'GET /context/{unknown}', {}, 404, 'Context not found.'],
  ['an unknown context to be deleted', 'DELETE /context/{unknown}', {}, 404, 'Context not found.'],
  [
    'variables of an unknown context',
    'GET /context/{unknown}/environment-variable',
    {},
    404,
    'Context not found.',
  ],
  [
    'a variable for an unknown context',
    'PUT /context/{unknown}/environment-variable/X',
    { body: { value: 'x' } },
    404,
    'Context not found.',
  ],
  ['a body that is not JSON', TRIGGER, { body: '{"branch"' }, 400, 'The request body is not valid JSON.'],
  ['a body that is a list', TRIGGER, { body: [] }, 400, 'Unexpected request body provided.'],
  ['a body that is a text', TRIGGER, { body: '"main"' }, 400, 'Unexpected request body provided.'],
  [
    'a body that is a form',
    TRIGGER,
    { body: 'branch=main', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    400,
    'Unexpected request body provided.',
  ],
  [
    'a body of plain text',
    TRIGGER,
    { body: 'main', headers: { 'content-type': 'text/plain' } },
    400,
    'Unexpected request body provided.',
  ],
  [
    'a body of an unknown type',
    TRIGGER,
    { body: 'a', headers: { 'content-type': 'application/x-unknown' } },
    415,
    'The content type of the request body is not supported.',
  ],
  ['a body that reaches for the prototype', TRIGGER, { body: '{"__proto__": {"branch": "x"}}' }, 400, /./],
  [
    'a body that is too large',
    TRIGGER,
    { body: { x: 'x'.repeat(5 * 1024 * 1024) } },
    413,
    'The request body is too large.',
  ],
  [
    'a branch that is a number',
    TRIGGER,
    { body: { branch: 1 } },
    400,
    "JSON field 'branch' is of incorrect type.",
  ],
  [
    'a branch with NUL',
    TRIGGER,
    { body: { branch: 'a\0b' } },
    400,
    "JSON field 'branch' has a character that cannot be stored.",
  ],
  [
    'a branch with half a character',
    TRIGGER,
    { body: '{"branch": "a\\ud800"}' },
    400,
    "JSON field 'branch' has a character that cannot be stored.",
  ],
  [
    'a branch longer than an index can hold',
    TRIGGER,
    { body: { branch: 'b'.repeat(3000) } },
    400,
    "JSON field 'branch' is longer than 500 bytes.",
  ],
  [
    'branch and tag',
    TRIGGER,
    { body: { branch: 'a', tag: 'b' } },
    400,
    'branch and tag are mutually exclusive',
  ],
  [
    'parameters that are a list',
    TRIGGER,
    { body: { parameters: [] } },
    400,
    "JSON field 'parameters' is of incorrect type.",
  ],
  [
    'a parameter that is a list',
    TRIGGER,
    { body: { parameters: { a: [1] } } },
    400,
    "JSON field 'parameters.a' is of incorrect type.",
  ],
  [
    'a parameter that is null',
    TRIGGER,
    { body: { parameters: { a: null } } },
    400,
    "JSON field 'parameters.a' is of incorrect type.",
  ],
  [
    'a parameter with NUL',
    TRIGGER,
    { body: { parameters: { a: '\0' } } },
    400,
    /^JSON field 'parameters\.a' /,
  ],
  [
    'a parameter with NUL in its name',
    TRIGGER,
    { body: { parameters: { 'a\0': 1 } } },
    400,
    /^JSON field 'parameters/,
  ],
  [
    'a parameter beyond all numbers',
    TRIGGER,
    { body: '{"parameters": {"a": 1e999}}' },
    400,
    "JSON field 'parameters.a' is of incorrect type.",
  ],
  ['too many parameters', TRIGGER, { body: { parameters: many } }, 400, 'more than 100 parameters'],
  [
    'a long parameter name',
    TRIGGER,
    { body: { parameters: { ['n'.repeat(129)]: 1 } } },
    400,
    /^parameter name longer than 128/,
  ],
  [
    'a long parameter value',
    TRIGGER,
    { body: { parameters: { a: 'v'.repeat(513) } } },
    400,
    'value of parameter a is longer than 512 characters',
  ],
  [
    'a trigger of an unknown project',
    'POST /project/gh/acme/none/pipeline',
    { body: {} },
    404,
    'Project not found',
  ],

  [
    'branch and tag in a run',
    RUN,
    { body: { config: { branch: 'a', tag: 'b' } } },
    400,
    'branch and tag are mutually exclusive',
  ],
  [
    'a config of another ref than the code',
    RUN,
    { body: { config: { branch: 'a' }, checkout: { branch: 'b' } } },
    400,
    /must name the same branch or tag/,
  ],
  [
    'a config in the request',
    RUN,
    { body: { config: { branch: 'a', content: 'version: 2.1' } } },
    400,
    "JSON field 'config.content' is not supported by this server.",
  ],
  [
    'a checkout that is a text',
    RUN,
    { body: { checkout: 'main' } },
    400,
    "JSON field 'checkout' is of incorrect type.",
  ],
  [
    'an unknown definition',
    RUN,
    { body: { definition_id: '{unknown}' } },
    404,
    'Pipeline definition not found',
  ],

  ['a pipeline id of the wrong form', 'GET /pipeline/17', {}, 400, 'pipeline_id is invalid.'],
  ['an unknown pipeline', 'GET /pipeline/{unknown}', {}, 404, 'Pipeline not found'],
  ['the config of an unknown pipeline', 'GET /pipeline/{unknown}/config', {}, 404, 'Pipeline not found'],
  ['the values of an unknown pipeline', 'GET /pipeline/{unknown}/values', {}, 404, 'Pipeline not found'],
  ['the workflows of an unknown pipeline', 'GET /pipeline/{unknown}/workflow', {}, 404, 'Pipeline not found'],
  ['a pipeline number that is a word', `GET ${P}/pipeline/last`, {}, 400, 'pipeline_number is invalid.'],
  ['an unknown pipeline number', `GET ${P}/pipeline/4711`, {}, 404, 'Pipeline not found'],
  ['a pipeline number of 20 digits', `GET ${P}/pipeline/99999999999999999999`, {}, 404, 'Pipeline not found'],
  [
    'mine that is neither',
    'GET /pipeline?mine=perhaps',
    {},
    400,
    "Query parameter 'mine' is neither true nor false.",
  ],
  ['an organisation that is none', 'GET /pipeline?org-slug=acme', {}, 404, 'Organization does not exist.'],
  [
    'a branch given twice',
    `GET ${P}/pipeline?branch=a&branch=b`,
    {},
    400,
    "Query parameter 'branch' is invalid.",
  ],
  [
    'a branch filter with NUL',
    `GET ${P}/pipeline?branch=a%00`,
    {},
    400,
    "Query parameter 'branch' is invalid.",
  ],

  ['a page token of garbage', `GET ${P}/pipeline?page-token=garbage!`, {}, 400, BAD_TOKEN],
  ['a page token that is not JSON', `GET ${P}/pipeline?page-token=Z2FyYmFnZQ`, {}, 400, BAD_TOKEN],
  ['a page token of another list', `GET ${P}/pipeline?page-token=${foreign}`, {}, 400, BAD_TOKEN],
  ['a page token beyond the numbers', `GET ${P}/pipeline?page-token=${outOfRange}`, {}, 400, BAD_TOKEN],
  ['a page token that was given for another list', 'GET /pipeline?page-token={token}', {}, 400, BAD_TOKEN],
  ['a very long page token', `GET ${P}/pipeline?page-token=${'a'.repeat(5000)}`, {}, 400, BAD_TOKEN],
  ['a bad page token of workflows', 'GET /pipeline/{pipeline}/workflow?page-token=x', {}, 400, BAD_TOKEN],
  ['a bad page token of jobs', 'GET /workflow/{workflow}/job?page-token=x', {}, 400, BAD_TOKEN],
  ['a bad page token of artifacts', `GET ${P}/1/artifacts?page-token=x`, {}, 400, BAD_TOKEN],
  ['a bad page token of tests', `GET ${P}/1/tests?page-token=x`, {}, 400, BAD_TOKEN],

  ['a workflow id of the wrong form', 'GET /workflow/17', {}, 400, 'Workflow ID provided is invalid.'],
  ['an unknown workflow', 'GET /workflow/{unknown}', {}, 404, 'Workflow not found'],
  ['the jobs of an unknown workflow', 'GET /workflow/{unknown}/job', {}, 404, 'Workflow not found'],
  ['cancel of a wrong id', 'POST /workflow/17/cancel', {}, 400, 'Workflow ID provided is invalid.'],
  ['cancel of an unknown workflow', 'POST /workflow/{unknown}/cancel', {}, 404, 'Workflow not found'],
  ['rerun of an unknown workflow', 'POST /workflow/{unknown}/rerun', { body: {} }, 404, 'Workflow not found'],
  [
    'from_failed and jobs',
    RERUN,
    { body: { from_failed: true, jobs: ['{build}'] } },
    400,
    "JSON fields 'from_failed' and 'jobs' are mutually exclusive.",
  ],
  [
    'from_failed of a running workflow',
    RERUN,
    { body: { from_failed: true } },
    409,
    'Workflow is not finished yet',
  ],
  [
    'from_failed that is a text',
    RERUN,
    { body: { from_failed: 'yes' } },
    400,
    "JSON field 'from_failed' is of incorrect type.",
  ],
  ['jobs that are no ids', RERUN, { body: { jobs: ['build'] } }, 400, /^JSON field 'jobs\.0' /],
  [
    'a job of another workflow',
    RERUN,
    { body: { jobs: ['{unknown}'] } },
    400,
    /is not part of the workflow$/,
  ],
  [
    'sparse_tree without jobs',
    RERUN,
    { body: { sparse_tree: true } },
    400,
    "JSON field 'sparse_tree' needs the field 'jobs'.",
  ],
  [
    'SSH',
    RERUN,
    { body: { enable_ssh: true, jobs: ['{build}'] } },
    400,
    /this server has no SSH access to jobs/,
  ],
  [
    'approval of a wrong id',
    'POST /workflow/{workflow}/approve/17',
    {},
    400,
    'approval_request_id is invalid.',
  ],
  ['approval of an unknown job', 'POST /workflow/{workflow}/approve/{unknown}', {}, 404, 'Job not found'],
  [
    'approval of a build',
    'POST /workflow/{workflow}/approve/{build}',
    {},
    400,
    'job build is not an approval job',
  ],
  [
    'approval before its time',
    'POST /workflow/{workflow}/approve/{hold}',
    {},
    409,
    'job hold is not waiting for approval yet',
  ],
  [
    'approval in an unknown workflow',
    'POST /workflow/{unknown}/approve/{hold}',
    {},
    404,
    'Workflow not found',
  ],

  ['a job id of the wrong form', 'GET /jobs/17', {}, 400, 'job_id is invalid.'],
  ['an unknown job', 'GET /jobs/{unknown}', {}, 404, 'Job not found'],
  ['cancel of an unknown job', 'POST /jobs/{unknown}/cancel', {}, 404, 'Job not found'],
  ['an unknown job number', `GET ${P}/job/4711`, {}, 404, 'Job not found'],
  ['a job number that is a word', `GET ${P}/job/build`, {}, 400, 'job_number is invalid.'],
  ['a negative job number', `GET ${P}/job/-1`, {}, 400, 'job_number is invalid.'],
  ['cancel of an unknown job number', `POST ${P}/job/4711/cancel`, {}, 404, 'Job not found'],
  ['artifacts of an unknown job', `GET ${P}/4711/artifacts`, {}, 404, 'Job not found'],
  ['tests of an unknown job', `GET ${P}/4711/tests`, {}, 404, 'Job not found'],

  ['an unknown artifact', 'GET !/output/job/{build}/artifacts/0/b.txt', {}, 404, 'Artifact not found'],
  [
    'an artifact of another node',
    'GET !/output/job/{build}/artifacts/1/a.txt',
    {},
    404,
    'Artifact not found',
  ],
  [
    'an artifact outside',
    'GET !/output/job/{build}/artifacts/0/..%2f..%2fa.txt',
    {},
    404,
    'Artifact not found',
  ],
  ['an artifact with NUL', 'GET !/output/job/{build}/artifacts/0/a%00.txt', {}, 404, 'Artifact not found'],
  [
    'a node that is a word',
    'GET !/output/job/{build}/artifacts/first/a.txt',
    {},
    400,
    'node_index is invalid.',
  ],
];

it.each(rows)('%s', async (_what, request, options, status, message) => {
  const [method, path] = filled(request).split(' ') as [string, string];
  const head = await rest.head();
  const body = options.body === undefined ? undefined : (filledBody(options.body) as unknown);
  const answer = await rest.call(method, path.startsWith('!') ? path.slice(1) : `/api/v2${path}`, {
    ...options,
    body,
  });
  const expected = message instanceof RegExp ? expect.stringMatching(message) : message;
  expect({ status: answer.status, body: answer.body }).toEqual({ status, body: { message: expected } });
  expect(answer.headers.get('content-type')).toContain('application/json');
  expect(JSON.stringify(answer.body)).not.toContain('hidden');
  expect(await rest.head()).toBe(head);
});

function filled(text: string): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => known[name] ?? whole);
}

function filledBody(body: unknown): unknown {
  return typeof body === 'string' ? body : (JSON.parse(filled(JSON.stringify(body))) as unknown);
}
