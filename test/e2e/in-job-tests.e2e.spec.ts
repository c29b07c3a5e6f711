// Tests that a parallel job splits by the times of its earlier runs, and runs again when they failed, on the real server.
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  addProject,
  jobsOf,
  outputOfStep,
  tasksOf,
  trigger,
  workflowEnd,
  workflowOf,
  type JobView,
  type WorkflowView,
} from '../support/pipelines.js';
import { makeRepository, type TestRepository } from '../support/repository.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { until } from '../support/until.js';

let server: TestServer;
let repository: TestRepository;
let slug: string;

beforeAll(async () => {
  repository = await makeRepository(`
version: 2.1
parameters:
  bad: { type: string, default: none }
jobs:
  test:
    docker: [{ image: cimg/base:current }]
    parallelism: 2
    steps:
      - checkout
      - run:
          name: tests
          command: |
            mkdir results; : >share; : >cases
            circleci tests glob '**/*.rb' | circleci tests run --split-by=timings -v --command='>share xargs -n1 echo'
            echo share: $(cat share)
            while read -r file; do
              time=5; result=
              [ "$file" != a.rb ] || time=9
              [ "$file" != "<< pipeline.parameters.bad >>" ] || result='<failure message="no"/>'
              echo "<testcase classname='T' file='$file' name='t' time='$time'>$result</testcase>" >>cases
            done <share
            echo "<testsuite>$(cat cases)</testsuite>" >results/$CIRCLE_NODE_INDEX.xml
            [ -s share ] || circleci step halt
      - store_test_results: { path: results }
      - run: { name: verdict, command: '! grep failure cases' }
workflows:
  main: { jobs: [test] }
`);
  await repository.commit({ 'a.rb': '', 'lib/b.rb': '', 'c.rb': '' });
  server = await startTestServer();
  slug = await addProject(server.api, 'tests', repository.path);
}, 180_000);
afterAll(async () => {
  await server?.stop();
  await repository?.remove();
}, 60_000);

const ended = async (id: string): Promise<{ workflow: WorkflowView; job: JobView }> => {
  const workflow = await workflowEnd(server.api, id, 180_000);
  const [job] = await jobsOf(server.api, id);
  return { workflow, job: job! };
};
const run = async (bad?: string) => {
  const pipeline = await trigger(server.api, slug, bad === undefined ? {} : { bad });
  return ended((await workflowOf(server.api, pipeline)).id);
};
const shares = async ({ id }: JobView) => {
  const outputs = await Promise.all([0, 1].map((node) => outputOfStep(server.api, id, 'tests', node)));
  return outputs.map((output) => /^share:(.*)$/m.exec(output)?.[1]?.trim());
};
const resultsRead = (job: JobView, count: number) =>
  until('the test results', 60_000, async () => {
    const path = `/api/v2/project/${slug}/${job.job_number}/tests`;
    return (await server.api.get<{ items: unknown[] }>(path)).items.length === count || undefined;
  });
const rerunFailed = (id: string) =>
  server.api.post<{ workflow_id: string }>(`/api/v2/workflow/${id}/rerun`, { failed_tests: true });

it('splits by name first, and by the times of the last successful run after that', async () => {
  const first = await run();
  expect(first.workflow.status).toBe('success');
  expect(await shares(first.job)).toEqual(['a.rb lib/b.rb', 'c.rb']);
  expect(await outputOfStep(server.api, first.job.id, 'tests')).toContain(
    'Error reading historical timing data: file does not exist\n',
  );
  await resultsRead(first.job, 3);
  const second = await run();
  expect(await shares(second.job)).toEqual(['a.rb', 'c.rb lib/b.rb']);
}, 400_000);

it('runs failed tests again, and only those; a node without one halts', async () => {
  const bad = await run('lib/b.rb');
  expect(bad.workflow.status).toBe('failed');
  await resultsRead(bad.job, 3);
  const { workflow_id } = await until('the rerun', 60_000, () =>
    rerunFailed(bad.workflow.id).catch(() => undefined),
  );
  const again = await ended(workflow_id);
  expect(await shares(again.job)).toEqual(['lib/b.rb', '']);
  const output = await outputOfStep(server.api, again.job.id, 'tests');
  expect(output).toContain(`received failed tests from workflow ${bad.workflow.id}\n`);
  expect(output).toContain('1 test(s) failed out of 3 total test(s). Rerunning 1 test file(s)\n');
  const tasks = await tasksOf(server.api, again.job.id);
  expect(tasks.map(({ status }) => status)).toEqual(['failed', 'success']);
  expect(tasks[1]!.steps.at(-1)!.status).toBe('skipped');
}, 400_000);

it('refuses to run failed tests again where none failed', async () => {
  const good = await run();
  await expect(rerunFailed(good.workflow.id)).rejects.toThrow(
    'can not rerun failed tests: no failed tests could be found',
  );
}, 200_000);
