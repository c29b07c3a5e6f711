// Caches, workspaces and artifacts of real jobs on the real server: what comes back, what is printed, and by which rules.
// The same config runs in the shell of the host and in containers, and does the same there.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dockerAvailable, ensureTestImage, TEST_IMAGE } from '../support/docker-image.js';
import {
  addProject,
  jobsOf,
  outputOfStep,
  tasksOf,
  trigger,
  workflowEnd,
  workflowOf,
} from '../support/pipelines.js';
import { makeRepository, type TestRepository } from '../support/repository.js';
import { startTestServer, type TestServer } from '../support/server.js';

const CONFIG = `
version: 2.1
parameters:
  which: { type: string, default: none }
executors:
  any: { docker: [{ image: ${TEST_IMAGE} }] }
jobs:
  save:
    executor: any
    steps:
      - restore_cache: { keys: ["deps-v2-", "deps-v1-{{ .Branch }}-"] }
      - run: |
          echo locked > lock
          mkdir -p ~/.deps/sub "$PWD/vendor dir"
          echo dep > ~/.deps/sub/a; chmod 755 ~/.deps/sub/a; ln -s ~/.deps/sub/a ~/.deps/link; ln ~/.deps/sub/a ~/.deps/hard
          echo vendored > "vendor dir/x"
      - save_cache: { key: 'deps-v1-{{ .Branch }}-{{ checksum "lock" }}', paths: [~/.deps, "vendor dir", ~/none] }
      - save_cache: { key: 'deps-v1-{{ .Branch }}-{{ checksum "lock" }}', paths: [~/.deps] }
      - save_cache: { name: never, key: deps-v1-never, paths: [~/.deps], when: on_fail }
  restore:
    executor: any
    steps:
      - restore_cache: { keys: ["deps-v2-", "deps-v1-{{ .Branch }}-", deps-] }
      - run:
          name: look
          command: |
            cat ~/.deps/sub/a ~/.deps/link ~/.deps/hard "vendor dir/x"
            test -x ~/.deps/sub/a && test -L ~/.deps/link && echo "links and modes"
  one: &persist
    executor: any
    steps:
      - run: |
          mkdir -p out/d; echo "$CIRCLE_JOB" > out/common; echo "$CIRCLE_JOB" > "out/d/$CIRCLE_JOB"; echo no > out/left
      - persist_to_workspace: { root: out, paths: [d, 'com*'] }
  two:
    executor: any
    steps:
      - attach_workspace: { at: ws }
      - run: echo "$CIRCLE_JOB" > ws/common; echo "$CIRCLE_JOB" > "ws/d/$CIRCLE_JOB"
      - persist_to_workspace: { root: ws, paths: [.] }
  three: *persist
  nodes:
    executor: any
    parallelism: 2
    steps:
      - run: mkdir out; echo x > out/node-$CIRCLE_NODE_INDEX
      - persist_to_workspace: { root: out, paths: ['node-*'] }
  attach:
    executor: any
    steps:
      - attach_workspace: { at: ~/got }
      - run: { name: look, command: 'cd ~/got; find . -type f | sort; cat common 2>/dev/null || true; false' }
  artifacts:
    executor: any
    parallelism: 2
    steps:
      - run: |
          mkdir -p out/deep "reports/unit" ~/logs; echo "a$CIRCLE_NODE_INDEX" > out/a.txt; echo b > "out/deep/b c.txt"
          ln -s a.txt out/link; echo "<testsuite><testcase name='t' classname='c' time='1'/></testsuite>" > reports/unit/r.xml
          echo log > ~/logs/x.log; echo log > ~/logs/y.txt
      - store_artifacts: { path: out }
      - store_artifacts: { path: out/a.txt, destination: renamed.txt }
      - store_artifacts: { path: ~/logs, destination: logs/ }
      - store_artifacts: { path: '~/logs/*.log', destination: some }
      - run: echo second > out/a.txt
      - store_artifacts: { path: out/a.txt, destination: out/a.txt }
      - store_artifacts: { path: none, name: nothing }
      - store_test_results: { path: reports }
workflows:
  caches:
    when: { equal: [caches, << pipeline.parameters.which >>] }
    jobs: [save, { restore: { requires: [save] } }]
  line:
    when: { equal: [line, << pipeline.parameters.which >>] }
    jobs: [one, { two: { requires: [one] } }, nodes, { attach: { requires: [two, nodes] } }]
  conflict:
    when: { equal: [conflict, << pipeline.parameters.which >>] }
    jobs: [one, three, { attach: { requires: [one, three] } }]
  artifacts:
    when: { equal: [artifacts, << pipeline.parameters.which >>] }
    jobs: [artifacts]
`;

const docker = await dockerAvailable();
describe.each(docker ? ['host', 'docker'] : ['host'])('files of jobs on the executor %s', (executor) => {
  let server: TestServer;
  let repository: TestRepository;
  let slug: string;

  beforeAll(async () => {
    if (executor === 'docker') await ensureTestImage();
    repository = await makeRepository(CONFIG);
    server = await startTestServer({ env: { ROTUNDA_AGENT_EXECUTOR: executor } });
    slug = await addProject(server.api, 'files', repository.path);
  }, 600_000);
  afterAll(async () => {
    await server?.stop();
    await repository?.remove();
  }, 60_000);

  const ended = async (which: string) => {
    const workflow = await workflowOf(server.api, await trigger(server.api, slug, { which }));
    const { status } = await workflowEnd(server.api, workflow.id, 150_000);
    const jobs = await jobsOf(server.api, workflow.id);
    const statuses = jobs.map((job) => `${job.name} ${job.status}`);
    return {
      id: workflow.id,
      status,
      statuses,
      job: (name: string) => jobs.find((job) => job.name === name)!,
    };
  };
  const output = (jobId: string, step: string, node = 0) => outputOfStep(server.api, jobId, step, node);

  it('a cache is saved once, found by a prefix of its key and put back', async () => {
    const { status, job } = await ended('caches');
    const [save, restore] = [job('save'), job('restore')];
    expect([await output(restore.id, 'look'), status]).toEqual([
      expect.stringMatching(/\ndep\ndep\ndep\nvendored\nlinks and modes\n$/),
      'success',
    ]);
    const saved = await output(save.id, 'Saving cache');
    const key = /Stored Cache to (\S+)/.exec(saved)?.[1] ?? '';
    expect(key).toMatch(/^deps-v1-main-[\w+=]{44}$/);
    const [deps, vendor] = [...saved.matchAll(/^ {2}\* (.*)$/gm)].map(([, path]) => path);
    expect([deps, vendor]).toEqual([
      expect.stringMatching(/^\/.*\/\.deps$/),
      expect.stringMatching(/^\/.*\/vendor dir$/),
    ]);
    // Both steps of the job, one after the other, and every line (C-271).
    expect(saved.replace(/at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC/, 'at TIME UTC')).toBe(
      `Warning: ${deps!.replace('.deps', 'none')} does not exist and is not cached\n` +
        `Creating cache archive...\nUploading cache archive...\nStored Cache to ${key}\n  * ${deps}\n  * ${vendor}\n` +
        `Skipping cache generation, cache already exists for key: ${key}\nFound one created at TIME UTC\n`,
    );
    expect(await output(save.id, 'Restoring cache')).toBe(
      'No cache is found for key: deps-v2-\nNo cache is found for key: deps-v1-main-\n',
    );
    expect((await output(restore.id, 'Restoring cache')).replace(/Size: \d+ B/, 'Size: SOME')).toBe(
      `No cache is found for key: deps-v2-\nFound a cache from build ${save.job_number} at ${key}\nSize: SOME\n` +
        `Cached paths:\n  * ${deps}\n  * ${vendor}\n\nDownloading cache archive...\nValidating cache...\n\nUnarchiving cache...\n`,
    );
    const steps = (await tasksOf(server.api, save.id))[0]!.steps;
    expect(steps.find(({ name }) => name === 'never')?.status).toBe('skipped');
  }, 200_000);

  it('layers of a workspace come in the order of the graph, also in a rerun from failed', async () => {
    const first = await ended('line');
    const others = ['one', 'two', 'nodes'];
    expect(first.statuses).toEqual([...others.map((name) => `${name} success`), 'attach failed']);
    const look = async (jobId: string) =>
      (await output(jobId, 'look')).split('\n').filter((l) => /^\w|^\.\//.test(l));
    const wanted = ['./common', './d/one', './d/two', './node-0', './node-1', 'two'];
    expect(await look(first.job('attach').id)).toEqual(expect.arrayContaining(wanted));
    const log = await output(first.job('attach').id, 'Attaching workspace');
    const layers = [
      ...log.matchAll(/^ {2}workflows\/workspaces\/(\S+)\/0\/(\S+)\/(\d)\/\d+\.tar\.gz - \d+(\.\d+)? k?B$/gm),
    ];
    expect(layers.map(([, , jobId, node]) => `${jobId} ${node}`)).toEqual(
      [
        [`${first.job('one').id} 0`, `${first.job('two').id} 0`],
        [`${first.job('nodes').id} 0`, `${first.job('nodes').id} 1`],
      ].flat(),
    );
    expect(layers.map(([, workspace]) => workspace)).toEqual(Array(4).fill(first.id));
    const body = { from_failed: true };
    const rerun = await server.api.post<{ workflow_id: string }>(`/api/v2/workflow/${first.id}/rerun`, body);
    await workflowEnd(server.api, rerun.workflow_id, 100_000);
    const again = (await jobsOf(server.api, rerun.workflow_id)).find(({ name }) => name === 'attach')!;
    expect(again.id).not.toBe(first.job('attach').id);
    expect(await look(again.id)).toEqual(expect.arrayContaining(wanted));
  }, 250_000);

  it('a file that two concurrent jobs persisted fails the job that attaches them', async () => {
    const { status, job } = await ended('conflict');
    expect([status, job('attach').status]).toEqual(['failed', 'failed']);
    expect(await output(job('attach').id, 'Attaching workspace')).toMatch(
      /\nConcurrent upstream jobs persisted the same file\(s\) into the workspace:\n {2}- common\n$/,
    );
  }, 200_000);

  it('artifacts have the names of their paths and destinations, per node; the last one of a name counts', async () => {
    const { status, job } = await ended('artifacts');
    const { id, job_number: number } = job('artifacts');
    expect(status).toBe('success');
    const { items } = await server.api.get<{ items: { path: string; node_index: number; url: string }[] }>(
      `/api/v2/project/${slug}/${number}/artifacts`,
    );
    const names = [
      'logs/x.log',
      'logs/y.txt',
      'out/a.txt',
      'out/deep/b c.txt',
      'out/link',
      'renamed.txt',
      'some/x.log',
    ];
    const all = [0, 1].flatMap((node) => names.map((name) => `${node} ${name}`));
    expect(items.map((item) => `${item.node_index} ${item.path}`).sort()).toEqual(all.sort());
    const contentOf = async (path: string, node: number) => {
      const { url } = items.find((item) => item.path === path && item.node_index === node)!;
      return (await server.api.bytes(new URL(url).pathname)).toString();
    };
    expect(await contentOf('renamed.txt', 1)).toBe('a1\n');
    expect(await contentOf('out/link', 0)).toBe('a0\n');
    expect(await contentOf('out/a.txt', 0)).toBe('second\n');
    expect(await contentOf('out/deep/b c.txt', 1)).toBe('b\n');
    expect(await output(id, 'nothing')).toMatch(
      /^Uploading (\/.*\/none) to none\n {2}No artifact files found at \1\n$/,
    );
    expect(await output(id, 'Uploading test results')).toMatch(
      /^Archiving the following test results\n {2}\* \/.*\/reports\n/,
    );
  }, 200_000);
});

if (!docker) {
  it('NOT TESTED, no Docker engine answers: files of jobs on the executor docker', () => {
    expect(process.env['ROTUNDA_REQUIRE_DOCKER']).not.toBe('1');
  });
}
