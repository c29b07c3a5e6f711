// Test results on the real server: many formats, a power cut, a replay, and a report of 100 MB beside which it answers.
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { addProject, jobsOf, trigger, workflowEnd, workflowOf, type JobView } from '../support/pipelines.js';
import { makeRepository, type TestRepository } from '../support/repository.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { until } from '../support/until.js';
import { cli } from './cli-support.js';

const CONFIG = `
version: 2.1
parameters:
  which: { type: string, default: small }
jobs:
  small:
    machine: true
    steps:
      - checkout
      - store_test_results: { path: reports }
  big:
    machine: true
    steps:
      - run: |
          mkdir reports
          trace=$(head -c 1900 /dev/zero | tr '\\0' x)
          echo '<testsuite name="pytest">' > reports/big.xml
          seq 51000 | sed "s|.*|<testcase classname='big' name='case &' time='0.5'><failure>\${trace}</failure></testcase>|" >> reports/big.xml
          echo '</testsuite>' >> reports/big.xml
      - store_test_results: { path: reports/big.xml }
workflows:
  small:
    when: { equal: [small, << pipeline.parameters.which >>] }
    jobs: [small]
  big:
    when: { equal: [big, << pipeline.parameters.which >>] }
    jobs: [big]
`;
const REPORTS = {
  'reports/junit.xml': `<testsuites name="jest tests"><testsuite name="sum">
    <testcase classname="sum" name="adds" time="0.25" file="src/sum.test.js"/>
    <testcase classname="sum" name="fails" time="0.5"><failure message="no"><![CDATA[at <x>]]></failure></testcase>
    </testsuite></testsuites>`,
  'reports/deep/cucumber.json': JSON.stringify([
    {
      ...{ uri: 'features/login.feature', name: 'Login' },
      elements: [
        {
          ...{ type: 'scenario', name: 'works', keyword: 'Scenario' },
          steps: [{ keyword: 'Given ', name: 'x', result: { status: 'passed', duration: 1_500_000_000 } }],
        },
      ],
    },
  ]),
  'reports/broken.xml': '<testsuite>',
  'reports/coverage.json': '{"total": {"lines": 1}}',
};
const EXPECTED = [
  {
    ...{ classname: 'Login', name: 'works', file: 'features/login.feature', source: 'cucumber' },
    ...{ result: 'success', run_time: 1.5, message: '' },
  },
  {
    ...{ classname: 'sum', name: 'adds', file: 'src/sum.test.js', source: 'jest' },
    ...{ result: 'success', run_time: 0.25, message: '' },
  },
  {
    ...{ classname: 'sum', name: 'fails', file: '', source: 'jest' },
    ...{ result: 'failure', run_time: 0.5, message: 'no\nat <x>' },
  },
];

interface TestView {
  classname: string;
  name: string;
}

let server: TestServer;
let repository: TestRepository;
let database: pg.Client;
let slug: string;

beforeAll(async () => {
  repository = await makeRepository(CONFIG);
  await repository.commit(REPORTS);
  server = await startTestServer({ env: { ROTUNDA_RECONCILE_INTERVAL: '1s' } });
  slug = await addProject(server.api, 'tested', repository.path);
  database = new pg.Client({ connectionString: await server.databaseUrl(), query_timeout: 60_000 });
  // The database is stopped with the server.
  database.on('error', () => undefined);
  await database.connect();
}, 120_000);
afterAll(async () => {
  await database?.end();
  await server?.stop();
  await repository?.remove();
}, 60_000);

async function runJob(which: string, limitMs?: number): Promise<JobView> {
  const workflow = await workflowOf(server.api, await trigger(server.api, slug, { which }));
  expect((await workflowEnd(server.api, workflow.id, limitMs)).status).toBe('success');
  return (await jobsOf(server.api, workflow.id))[0]!;
}
async function testsOf(job: JobView): Promise<TestView[]> {
  const path = `/api/v2/project/${slug}/${job.job_number}/tests`;
  const { items } = await server.api.get<{ items: TestView[] }>(path);
  return items.sort((a, b) => (a.classname + a.name < b.classname + b.name ? -1 : 1));
}
/** How many reports of a job there are in each state, replays that are to come included. */
async function statesOf(job: JobView): Promise<Record<string, number>> {
  const { rows } = await database.query<{ state: string; n: number }>(
    `SELECT CASE WHEN replay_id IS NULL THEN state ELSE 'replay' END AS state, count(*)::int AS n
     FROM rotunda.test_report WHERE job_id = $1 GROUP BY 1`,
    [job.id],
  );
  return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
}
const parsed = (job: JobView, wanted: Record<string, number>, limitMs = 60_000): Promise<unknown> =>
  until('the reports to be parsed', limitMs, async () => {
    const states = await statesOf(job);
    return Object.entries(wanted).every(([state, n]) => states[state] === n) || undefined;
  });

it('reports are parsed once, although the server is killed when they have arrived', async () => {
  const job = await runJob('small');
  await server.kill9();
  await server.restart();
  await parsed(job, { parsed: 3, unreadable: 1 });
  expect(await testsOf(job)).toEqual(EXPECTED);
}, 180_000);

it('a replay parses all of them again, as often as it is asked for', async () => {
  const job = await runJob('small');
  await parsed(job, { parsed: 3, unreadable: 1 });
  for (const args of [['--job', job.id], []]) {
    // As if an older program had read less of them.
    await database.query("UPDATE rotunda.test_result SET name = 'old', message = 'old' WHERE job_id = $1", [
      job.id,
    ]);
    const replay = cli(['admin', 'replay', 'test-results', ...args], {
      env: { ROTUNDA_DATA_DIR: server.dataDirectory },
    });
    expect([await replay.ended(), replay.stderr()]).toEqual([0, '']);
    expect(replay.stdout()).toBe(`${args.length > 0 ? 4 : 8} test reports are to be parsed again\n`);
    await until('the results', 60_000, async () => {
      const tests = await testsOf(job);
      return (tests.length === 3 && tests.every(({ name }) => name !== 'old')) || undefined;
    });
    await parsed(job, { parsed: 3, unreadable: 1 });
    expect(await testsOf(job)).toEqual(EXPECTED);
  }
  const wrong = cli(['admin', 'replay', 'test-results', '--job', 'x']);
  expect([await wrong.ended(), wrong.stderr()]).toEqual([2, expect.stringContaining('the id of a job')]);
}, 240_000);

it('a report of 100 MB is parsed in little memory, and the server answers meanwhile', async () => {
  const before = await residentMegabytes();
  const job = await runJob('big', 300_000);
  let answers = 0;
  let most = 0;
  await until('the report to be parsed', 300_000, async () => {
    await server.api.get('/api/v2/me');
    answers += 1;
    most = Math.max(most, await residentMegabytes());
    return (await statesOf(job)).parsed === 1 || undefined;
  });
  expect(answers).toBeGreaterThan(1);
  const { rows } = await database.query<{ n: number; size: string }>(
    'SELECT count(*)::int AS n, sum(length(message)) AS size FROM rotunda.test_result WHERE job_id = $1',
    [job.id],
  );
  expect(rows).toEqual([{ n: 51_000, size: String(51_000 * 1900) }]);
  // A thread with 64 MB, and the pieces on their way to the log: far from what the report is as text, or as objects.
  process.stdout.write(`memory of the server: ${before} MB before, at most ${most} MB while it parsed\n`);
  expect(most - before).toBeLessThan(400);
}, 700_000);

async function residentMegabytes(): Promise<number> {
  const status = await readFile(`/proc/${server.pid()}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s*(\d+) kB/.exec(status)![1]) / 1024);
}
