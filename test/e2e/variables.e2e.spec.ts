// The variables of a job on the real server, in the shell of the machine and in a container: which one wins, what is
// carried from step to step, what jobs get of projects and contexts, and that secrets are seen nowhere.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Docker from 'dockerode';
import pg from 'pg';
import { dockerForTests, ensureTestImage, TEST_IMAGE } from '../support/docker-image.js';
import {
  addProject,
  jobsOf,
  jobWith,
  outputOfStep,
  tasksOf,
  trigger,
  workflowEnd,
  workflowOf,
  type JobView,
} from '../support/pipelines.js';
import { makeRepository, type TestRepository } from '../support/repository.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { until } from '../support/until.js';

const TOKEN = 'canary-token-of-project';
const KEY_LINES = ['canary-first-line-of-key', 'canary-second-line-of-key'];

const configFor = (executor: string) => `
version: 2.1
parameters:
  which: { type: string, default: none }
jobs:
  precedence:
    ${executor}
    parameters:
      flag: { type: boolean, default: true }
    environment:
      OF_JOB: job
      STEP_OVER_JOB: job
      JOB_OVER_CONTEXT: job
      CIRCLE_STAGE: job
      FLAG: << parameters.flag >>
      NO: false
      NUMBER: 7777777
      DIGITS: "7777777"
    steps:
      - run:
          name: show
          environment: { STEP_OVER_JOB: stp, SHELL_OVER_STEP: stp }
          command: |
            SHELL_OVER_STEP=sh
            for name in OF_PROJECT OF_CONTEXT CONTEXT_OVER_PROJECT LATER_CONTEXT CIRCLE_JOB CIRCLE_STAGE JOB_OVER_CONTEXT \\
              OF_IMAGE OF_JOB STEP_OVER_JOB SHELL_OVER_STEP FLAG NO NUMBER DIGITS; do
              echo "$name=\${!name}"
            done
      - run: { name: after, command: 'echo "$STEP_OVER_JOB \${SHELL_OVER_STEP:-none}"' }
  carried:
    ${executor}
    steps:
      - run:
          name: write
          command: |
            echo 'export CARRIED="a value"' >> "$BASH_ENV"
            echo "same step: \${CARRIED:-none}"
            source "$BASH_ENV"
            echo "sourced: $CARRIED"
            [ "$BASH_ENV" = "$CIRCLE_SHELL_ENV" ]
            export LOST=yes
      - run: { name: read, command: 'echo "next step: $CARRIED, \${LOST:-none}"' }
      - run: { name: other, shell: /bin/sh -e, command: 'echo "sh: \${CARRIED:-none}"' }
  builtin:
    ${executor}
    parallelism: 2
    steps:
      - run: { name: show, command: "env | grep -E '^(CI|CIRCLE|BASH_ENV|HOME)' | sort" }
  masked:
    ${executor}
    steps:
      - run:
          name: print
          command: |
            echo "token: $TOKEN."
            printf '%s' "\${TOKEN%ject}"
            printf '%s\\n' "ject, in two writes"
            echo "$KEY" | sed 's/^/  > /'
            echo "$KEY"
            echo "short $SHORT, true $YES"
      - run: { name: fail, command: 'echo "last: $TOKEN"; exit 1' }
      - store_artifacts: { path: "/nowhere/$TOKEN" }
  hold:
    ${executor}
    steps:
      - run: { name: hold, command: 'echo holding; exec sleep 600' }
workflows:
  precedence:
    when: { equal: [precedence, << pipeline.parameters.which >>] }
    jobs: [{ precedence: { context: [first, second] } }, carried, builtin]
  masked:
    when: { equal: [masked, << pipeline.parameters.which >>] }
    jobs: [masked]
  hold:
    when: { equal: [hold, << pipeline.parameters.which >>] }
    jobs: [{ hold: { context: first } }]
  missing:
    when: { equal: [missing, << pipeline.parameters.which >>] }
    jobs: [{ builtin: { context: [first, nobody-made-it] } }, { carried: { requires: [builtin] } }]
`;

suite('host', 'machine: true');
if (await dockerForTests('variables of jobs in containers')) {
  suite('docker', `docker: [{ image: "${TEST_IMAGE}", environment: { OF_IMAGE: image, OF_JOB: image } }]`);
}

function suite(name: 'host' | 'docker', executor: string): void {
  describe(`variables of jobs, ${name} executor`, () => {
    let server: TestServer;
    let repository: TestRepository;
    let slug: string;

    beforeAll(async () => {
      if (name === 'docker') await ensureTestImage();
      repository = await makeRepository(configFor(executor));
      server = await startTestServer({ env: { ROTUNDA_AGENT_EXECUTOR: name === 'host' ? 'host' : 'auto' } });
      slug = await addProject(server.api, 'variables', repository.path);
      const ofProject = {
        ...{ OF_PROJECT: 'pr', CONTEXT_OVER_PROJECT: 'pr', CIRCLE_JOB: 'pr' },
        ...{ TOKEN, KEY: `${KEY_LINES.join('\n')}\n`, SHORT: 'abc', YES: 'true' },
      };
      for (const [variable, value] of Object.entries(ofProject))
        await server.api.post(`/api/v2/project/${slug}/envvar`, { name: variable, value });
      await makeContext('first', {
        ...{ OF_CONTEXT: 'c1', CONTEXT_OVER_PROJECT: 'c1', LATER_CONTEXT: 'c1', JOB_OVER_CONTEXT: 'c1' },
      });
      await makeContext('second', { LATER_CONTEXT: 'c2' });
    }, 400_000);
    afterAll(async () => {
      await server?.stop();
      await repository?.remove();
    }, 60_000);

    async function makeContext(context: string, variables: Record<string, string>): Promise<void> {
      const body = { name: context, owner: { slug: 'git/test', type: 'organization' } };
      const { id } = await server.api.post<{ id: string }>('/api/v2/context', body);
      for (const [variable, value] of Object.entries(variables)) {
        const path = `${server.url}/api/v2/context/${id}/environment-variable/${variable}`;
        const headers = { 'circle-token': server.token, 'content-type': 'application/json' };
        const signal = AbortSignal.timeout(20_000);
        const answer = await fetch(path, { method: 'PUT', headers, body: JSON.stringify({ value }), signal });
        expect(answer.status).toBe(200);
      }
    }

    async function run(which: string): Promise<{ pipeline: string; status: string; jobs: JobView[] }> {
      const pipeline = await trigger(server.api, slug, { which });
      const workflow = await workflowOf(server.api, pipeline);
      const { status } = await workflowEnd(server.api, workflow.id, 180_000);
      return { pipeline, status, jobs: await jobsOf(server.api, workflow.id) };
    }

    /** `NAME=value` lines of a step's output. */
    async function variables(job: JobView, step: string, node = 0): Promise<Record<string, string>> {
      const text = await outputOfStep(server.api, job.id, step, node);
      return Object.fromEntries(
        [...text.matchAll(/^([A-Z_0-9]+)=(.*)$/gm)].map(([, found, value]) => [found!, value!]),
      );
    }

    it('shell over step over job over built-in over later context over context over project', async () => {
      const { status, jobs } = await run('precedence');
      expect(status).toBe('success');
      const job = (wanted: string) => jobs.find((each) => each.name === wanted)!;
      expect(await variables(job('precedence'), 'show')).toMatchObject({
        ...{ OF_PROJECT: 'pr', OF_CONTEXT: 'c1', CONTEXT_OVER_PROJECT: 'c1', LATER_CONTEXT: 'c2' },
        ...{ CIRCLE_JOB: 'precedence', CIRCLE_STAGE: 'job', JOB_OVER_CONTEXT: 'job', OF_JOB: 'job' },
        ...{ STEP_OVER_JOB: 'stp', SHELL_OVER_STEP: 'sh' },
        // That of the primary image, below all others (LANGUAGE C-202).
        OF_IMAGE: name === 'docker' ? 'image' : '',
        // LANGUAGE C-159 and C-160.
        ...{ FLAG: '1', NO: '0', NUMBER: '7.777777e+06', DIGITS: '7777777' },
      });
      expect(await outputOfStep(server.api, job('precedence').id, 'after')).toContain('\njob none\n');

      const carried = (step: string) => outputOfStep(server.api, job('carried').id, step);
      expect(await carried('write')).toMatch(/^same step: none\nsourced: a value$/m);
      expect(await carried('read')).toContain('\nnext step: a value, none\n');
      expect(await carried('other')).toContain('\nsh: none\n');

      for (const node of [0, 1]) {
        const found = await variables(job('builtin'), 'show', node);
        expect(found).toMatchObject({
          ...{ CI: 'true', CIRCLECI: 'true', CIRCLE_BRANCH: 'main', CIRCLE_JOB: 'builtin' },
          ...{ CIRCLE_BUILD_NUM: String(job('builtin').job_number), CIRCLE_NODE_INDEX: String(node) },
          ...{
            CIRCLE_NODE_TOTAL: '2',
            CIRCLE_PROJECT_REPONAME: 'variables',
            CIRCLE_PROJECT_USERNAME: 'test',
          },
          ...{ CIRCLE_REPOSITORY_URL: repository.path, CIRCLE_USERNAME: 'admin' },
          ...{
            CIRCLE_WORKFLOW_JOB_ID: job('builtin').id,
            CIRCLE_SHA1: expect.stringMatching(/^[\da-f]{40}$/),
          },
        });
        expect(found['CIRCLE_BUILD_URL']).toMatch(/^http.*\/jobs\/\d+$/);
        expect(found['CIRCLE_WORKFLOW_WORKSPACE_ID']).toBe(found['CIRCLE_WORKFLOW_ID']);
        expect(found['BASH_ENV']).toContain(`/.bash_env-${job('builtin').id}-${node}-build`);
        expect(found['CIRCLE_WORKING_DIRECTORY']).toBe(`${found['HOME']}/project`);
        expect(found).not.toHaveProperty('CIRCLE_TAG');
      }
    }, 240_000);

    it('masks what projects and contexts hold, across writes and line by line', async () => {
      const { status, jobs } = await run('masked');
      expect(status).toBe('failed');
      const [job] = jobs;
      const printed = await outputOfStep(server.api, job!.id, 'print');
      expect(printed.slice(printed.indexOf('token: ****'))).toBe(
        [
          'token: ****.',
          '****, in two writes',
          '  > ****',
          '  > ****',
          '  > ',
          '****',
          '****',
          '',
          'short abc, true true',
          '',
        ].join('\n'),
      );
      const [task] = await tasksOf(server.api, job!.id);
      const all = await Promise.all(task!.steps.map((step) => outputOfStep(server.api, job!.id, step.name)));
      expect([JSON.stringify(task), ...all].join('\n')).not.toContain('canary');
      expect(all.join('\n')).toContain('TOKEN=**REDACTED**');
    }, 240_000);

    it('shows secrets in no list of processes, log, event or description of a container', async () => {
      const workflow = await workflowOf(server.api, await trigger(server.api, slug, { which: 'hold' }));
      const job = await jobWith(server.api, workflow.id, 'hold', 'running');
      await until(
        'the step to hold',
        60_000,
        async () => (await outputOfStep(server.api, job.id, 'hold')).includes('\nholding\n') || undefined,
      );
      expect(await commandLines()).not.toContain('canary');
      if (name === 'docker') {
        const docker = new Docker();
        const [task] = await tasksOf(server.api, job.id);
        const filters = { label: [`rotunda.task=${task!.id}`] };
        const containers = await docker.listContainers({ all: true, filters });
        expect(containers.length).toBe(1);
        const inspected = await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).inspect()));
        expect(JSON.stringify(inspected)).not.toContain('canary');
      }
      await server.api.post(`/api/v2/workflow/${workflow.id}/cancel`);
      await workflowEnd(server.api, workflow.id);
      expect(server.log()).not.toContain('canary');
      expect(await readFile(join(server.dataDirectory, 'agent', 'agent.log'), 'utf8')).not.toContain(
        'canary',
      );
      expect(await tablesWith('canary')).toEqual([]);
    }, 240_000);

    it('a job that names a context which does not exist is unauthorized, and says which', async () => {
      const { pipeline, status, jobs } = await run('missing');
      expect(status).toBe('unauthorized');
      expect(jobs.map((job) => [job.name, job.status]).sort()).toEqual([
        ['builtin', 'unauthorized'],
        ['carried', 'not_run'],
      ]);
      const explained = await server.api.get(`/api/v2/pipeline/${pipeline}/explain`);
      expect(JSON.stringify(explained)).toContain('there is no context \\"nobody-made-it\\"');
    }, 120_000);

    async function tablesWith(text: string): Promise<string[]> {
      const database = new pg.Client({ connectionString: await server.databaseUrl(), query_timeout: 20_000 });
      await database.connect();
      try {
        const tables = await database.query<{ name: string }>(
          `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
           WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
        );
        const found: string[] = [];
        const hex = Buffer.from(text).toString('hex');
        for (const { name: table } of tables.rows) {
          const { rows } = await database.query(
            `SELECT 1 FROM ${table} t WHERE position($1 IN t::text) > 0 OR position($2 IN t::text) > 0 LIMIT 1`,
            [text, hex],
          );
          if (rows.length > 0) found.push(table);
        }
        return found;
      } finally {
        await database.end();
      }
    }
  });
}

/** Of all processes that this machine shows. */
async function commandLines(): Promise<string> {
  const pids = (await readdir('/proc')).filter(
    (entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid,
  );
  const lines = pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''));
  return (await Promise.all(lines)).join('\n').replaceAll('\0', ' ');
}
