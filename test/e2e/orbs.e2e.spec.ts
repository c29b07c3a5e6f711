// Orbs from outside: imported beside a running server and without one, given as files, packed; and setup configs run locally.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { addProject, jobsOf, outputOfStep, trigger, workflowEnd, workflowOf } from '../support/pipelines.js';
import { makeRepository } from '../support/repository.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { until } from '../support/until.js';
import { cli, ownDirectory, repositoryOf, write } from './cli-support.js';

const orb = (word: string): string => `
version: 2.1
description: Greets
commands:
  greet:
    parameters: {to: {type: string}}
    steps: [{run: {name: greet, command: 'echo "${word} << parameters.to >>"'}}]
jobs:
  hello:
    parameters: {to: {type: string, default: you}}
    docker: [{image: cimg/base:current}]
    steps: [{greet: {to: << parameters.to >>}}]
`;
const CONFIG = `
version: 2.1
orbs: {tool: acme/tool@1}
workflows: {main: {jobs: [{tool/hello: {to: orbs}}]}}
`;
const SETUP = `
version: 2.1
setup: true
jobs:
  generate:
    docker: [{image: cimg/base:current}]
    steps:
      - checkout
      - run: |
          jq -n --arg key "$CIRCLE_CONTINUATION_KEY" --rawfile config next.yml \\
            '{"continuation-key": $key, configuration: $config, parameters: {who: "setup"}}' > body.json
          curl -fsS -H 'Content-Type: application/json' --data @body.json \\
            "\${CIRCLE_BUILD_URL%%/pipelines/*}/api/v2/pipeline/continue"
workflows: {setup: {jobs: [generate]}}
`;
const NEXT = `
version: 2.1
parameters: {who: {type: string, default: nobody}}
jobs:
  work:
    docker: [{image: cimg/base:current}]
    steps: [{run: {name: work, command: echo continued by << pipeline.parameters.who >>}}]
workflows: {next: {jobs: [work]}}
`;

let home: Awaited<ReturnType<typeof ownDirectory>>;
let files: string;
beforeAll(async () => {
  home = await ownDirectory();
  files = join(home.path, 'files');
  await write(files, { 'one.yml': orb('hello'), 'two.yml': orb('goodbye'), 'config.yml': CONFIG });
});
afterAll(() => home.remove());

const file = (name: string): string => join(files, name);
const done = async (args: string[], env: Record<string, string>) => {
  const ran = cli(args, { env });
  return { code: await ran.ended(), stdout: ran.stdout(), stderr: ran.stderr() };
};

describe('the registry without a server', () => {
  const env = () => ({ ROTUNDA_DATA_DIR: join(home.path, 'data') });

  test('what is imported is found by config process, the newest that fits', async () => {
    const before = await done(['config', 'process', file('config.yml')], env());
    expect(before.code).toBe(2);
    expect(before.stderr).toContain('Cannot find acme/tool@1 in the orb registry.');
    for (const [name, version] of [
      ['one.yml', '1.0.0'],
      ['two.yml', '1.2.0'],
      ['one.yml', '2.0.0'],
    ]) {
      const imported = await done(['orb', 'import', file(name!), '--as', `acme/tool@${version}`], env());
      expect(imported).toEqual({ code: 0, stdout: `acme/tool@${version}: imported\n`, stderr: '' });
    }
    const after = await done(['config', 'process', file('config.yml')], env());
    expect(after.stdout).toContain("# Orb 'acme/tool@1' resolved to 'acme/tool@1.2.0'\n");
    expect(after.stdout).toContain('command: echo "goodbye orbs"');
    expect((await done(['orb', 'list'], env())).stdout).toBe('acme/tool@2.0.0\n');
  }, 120_000);

  test('a version does not change, and an orb that does not compile is not taken', async () => {
    const changed = await done(['orb', 'import', file('one.yml'), '--as', 'acme/tool@1.2.0'], env());
    expect(changed.code).toBe(1);
    expect(changed.stderr).toContain('acme/tool@1.2.0 is published already');
    await write(files, { 'bad.yml': 'version: 2.1\ncommands: {a: {steps: [nothing]}}\n' });
    const bad = await done(['orb', 'import', file('bad.yml'), '--as', 'acme/bad@1.0.0'], env());
    expect(bad.code).toBe(1);
    expect(bad.stderr).toContain('Cannot find a definition for command named nothing');
    const checked = await done(['orb', 'validate', file('bad.yml')], env());
    expect([checked.code, checked.stderr]).toEqual([2, expect.stringContaining('named nothing')]);
  }, 120_000);

  test('a file is preferred to the registry', async () => {
    const given = `acme/tool@1.9.0=${file('one.yml')}`;
    const compiled = await done(['config', 'process', file('config.yml'), '--orb', given], env());
    expect(compiled.stdout).toContain("resolved to 'acme/tool@1.9.0'");
    expect(compiled.stdout).toContain('command: echo "hello orbs"');
  });

  test('a local run finds orbs in the registry and in files', async () => {
    const repository = await repositoryOf(join(home.path, 'app'), { '.circleci/config.yml': CONFIG });
    const run = ['run', repository, '--executor', 'host'];
    const registered = await done(run, env());
    expect(registered).toMatchObject({ code: 0, stdout: expect.stringContaining('greet > goodbye orbs\n') });
    const given = await done([...run, '--orb', `acme/tool@1.9.0=${file('one.yml')}`], env());
    expect(given).toMatchObject({ code: 0, stdout: expect.stringContaining('greet > hello orbs\n') });
  }, 180_000);
});

describe('beside a running server', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  }, 120_000);
  afterAll(() => server?.stop(), 60_000);

  test('pipelines find what is imported, and say what is not', async () => {
    const repository = await makeRepository(CONFIG);
    try {
      const slug = await addProject(server.api, 'orbs', repository.path);
      const without = await trigger(server.api, slug);
      const errors = await until('the errors', 30_000, async () => {
        const path = `/api/v2/pipeline/${without}`;
        const pipeline = await server.api.get<{ state: string; errors: { message: string }[] }>(path);
        return pipeline.state === 'errored' ? pipeline.errors : undefined;
      });
      expect(errors[0]?.message).toContain('Cannot find acme/tool@1 in the orb registry.');
      const env = { ROTUNDA_DATA_DIR: server.dataDirectory };
      const imported = await done(['orb', 'import', file('one.yml'), '--as', 'acme/tool@1.0.0'], env);
      expect(imported).toEqual({ code: 0, stdout: 'acme/tool@1.0.0: imported\n', stderr: '' });
      const workflow = await workflowOf(server.api, await trigger(server.api, slug));
      expect((await workflowEnd(server.api, workflow.id)).status).toBe('success');
      const [job] = await jobsOf(server.api, workflow.id);
      expect(job?.name).toBe('tool/hello');
      expect(await outputOfStep(server.api, job!.id, 'greet')).toContain('hello orbs\n');
    } finally {
      await repository.remove();
    }
  }, 120_000);

  test('an organization may be allowed URL orbs', async () => {
    const env = { ROTUNDA_DATA_DIR: server.dataDirectory };
    const allow = (prefix: string) => done(['orb', 'allow-url', prefix, '--organization', 'git/test'], env);
    expect(await allow('http://orbs.example.com/')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('it must begin with https://'),
    });
    expect((await allow('https://orbs.invalid/ok/')).stdout).toBe(
      'https://orbs.invalid/ok/: allowed for git/test\n',
    );
    const url = 'https://orbs.invalid/other/tool.yml';
    const repository = await makeRepository(CONFIG.replace('acme/tool@1', url));
    try {
      const slug = await addProject(server.api, 'url-orbs', repository.path);
      const id = await trigger(server.api, slug);
      const errors = await until('the errors', 30_000, async () => {
        const path = `/api/v2/pipeline/${id}`;
        const pipeline = await server.api.get<{ state: string; errors: { message: string }[] }>(path);
        return pipeline.state === 'errored' ? pipeline.errors : undefined;
      });
      expect(errors[0]?.message).toContain("begins with no prefix of the organization's URL orb allow-list");
    } finally {
      await repository.remove();
    }
  }, 120_000);
});

test('an orb of many files is packed', async () => {
  await write(join(home.path, 'orb'), {
    '@orb.yml': 'version: 2.1\n',
    'commands/hi.yml': 'steps:\n  - run:\n      command: <<include(scripts/hi.sh)>>\n',
    'scripts/hi.sh': 'cat <<EOF\nhi\nEOF\n',
  });
  const packed = await done(['orb', 'pack', join(home.path, 'orb')], {});
  expect(packed).toEqual({
    code: 0,
    stdout:
      'version: 2.1\ncommands:\n    hi:\n        steps:\n            - run:\n                command: |\n                    cat \\<<EOF\n                    hi\n                    EOF\n\n',
    stderr: '',
  });
}, 60_000);

test('a local run follows a setup config into the one that its job gives', async () => {
  const repository = await repositoryOf(join(home.path, 'dynamic'), {
    '.circleci/config.yml': SETUP,
    'next.yml': NEXT,
  });
  const ran = await done(['run', repository, '--executor', 'host'], {});
  expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('work > continued by setup\n') });
}, 180_000);

test('a local run of a setup config that nobody continues ends with its workflow', async () => {
  const repository = await repositoryOf(join(home.path, 'alone'), {
    '.circleci/config.yml': SETUP.replace('curl -fsS', ': curl'),
    'next.yml': NEXT,
  });
  const ran = await done(['run', repository, '--executor', 'host'], {});
  expect(ran.code).toBe(0);
  expect(ran.stdout).not.toContain('continued by');
}, 180_000);
