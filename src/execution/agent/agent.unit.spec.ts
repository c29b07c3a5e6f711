// The agent against a real HTTP server, with the host and the fake executor: what the server gets to know of a job.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlannedStep } from '../../pipelines/config/index.js';
import type { ClaimedTask } from '../protocol/index.js';
import { Agent } from './agent.js';
import type { Executor } from './executors/executor.port.js';
import { ExecutorError } from './executors/executor.port.js';
import { packFiles, textOf, until } from './executors/executor.testing.js';
import { FakeExecutor } from './executors/fake/fake.executor.js';
import { HostExecutor } from './executors/host/host.executor.js';
import { ProtocolServer, outputOf, type TaskRecord } from './testing/protocol-server.js';
import { quiet, run, step, taskOf } from './testing/tasks.js';

let server: ProtocolServer;
let directory: string;
const agents: Agent[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rotunda-agent-'));
});
afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.stop()));
  await server.kill();
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const workRoot = () => join(directory, 'work');
async function begin(
  executor: Executor = new HostExecutor({ workRoot: workRoot() }),
  capacity = 2,
): Promise<Agent> {
  server = new ProtocolServer();
  await server.listen();
  return another(executor, capacity);
}
async function another(executor: Executor, capacity = 2): Promise<Agent> {
  const agent = new Agent({
    ...{
      serverUrl: server.url,
      token: server.token,
      name: 'tester',
      resourceClasses: ['default'],
      executors: { docker: [executor], machine: [executor] },
    },
    ...{ capacity, spoolDirectory: join(directory, 'spool'), logger: quiet, claimWaitSeconds: 1 },
  });
  agents.push(agent);
  await agent.start();
  return agent;
}
async function finish(record: TaskRecord, limitMs = 30_000): Promise<TaskRecord> {
  await until(() => record.finished !== undefined, `task ${record.task.jobName} to finish`, limitMs);
  return record;
}
const perform = (steps: PlannedStep[], more?: Partial<ClaimedTask>) =>
  finish(server.offer(taskOf(steps, more)));
const statuses = (record: TaskRecord) =>
  [...record.steps.values()].sort((a, b) => a.index - b.index).map(({ status }) => status);

describe('a job on the host executor', () => {
  it('runs its steps and reports each with output, length and times', async () => {
    await begin();
    const record = await perform([run('echo hello; echo oops >/dev/stderr')]);
    expect(record.finished).toEqual({ status: 'success' });
    expect(record.started).toBe(1);
    expect(statuses(record)).toEqual(['success', 'success', 'success']);
    expect(outputOf(record, 2)).toBe(
      '#!/bin/bash -eo pipefail\necho hello; echo oops >/dev/stderr\nhello\noops\n',
    );
    expect(record.steps.get(2)).toMatchObject({
      type: 'run',
      exitCode: 0,
      outputBytes: outputOf(record, 2).length,
    });
    expect(record.steps.get(0)).toMatchObject({ name: 'Spin up environment', type: 'spin_up' });
    expect(outputOf(record, 1)).toContain('  CIRCLE_BRANCH=main\n');
    expect(server.claims[0]).toMatchObject({ agentName: 'tester', resourceClasses: ['default'] });
  });

  it('leaves nothing on the machine', async () => {
    const agent = await begin();
    await perform([run('mkdir -p ~/go/mod && touch ~/go/mod/x && chmod -R a-w ~/go; (setsid sleep 1000 &)')]);
    await until(() => agent.running === 0, 'the task to be cleaned up');
    expect((await readdir(workRoot())).filter((name) => name !== '.agent')).toEqual([]);
    expect(await readdir(join(workRoot(), '.agent'))).toEqual([]);
    const [spool] = await readdir(join(directory, 'spool'));
    expect(await readdir(join(directory, 'spool', spool!))).toEqual([]);
  });

  it('stops at a failing step, but for `when: always`, `on_fail` and store steps', async () => {
    await begin();
    const record = await perform([
      run('exit 7'),
      run('echo not run'),
      run('echo cleaning', { when: 'always' }),
      run('echo failed before', { when: 'on_fail' }),
      step('store_artifacts', { path: 'none' }),
    ]);
    expect(record.finished).toEqual({ status: 'failed' });
    expect(statuses(record).slice(2)).toEqual(['failed', 'skipped', 'success', 'success', 'success']);
    expect(outputOf(record, 2)).toMatch(
      /\n\nExited with code exit status 7\nCircleCI received exit code 7\n$/,
    );
    expect(outputOf(record, 6)).toMatch(
      /^Uploading .*\/project\/none to none\n {2}No artifact files found at .*\/project\/none\n$/,
    );
  });

  it('does not run `on_fail` steps when nothing failed', async () => {
    await begin();
    const record = await perform([run('true'), run('echo no', { when: 'on_fail' })]);
    expect([record.finished?.status, ...statuses(record).slice(2)]).toEqual([
      'success',
      'success',
      'skipped',
    ]);
  });

  it('halts by every spelling: the step goes on to its end, no other runs, the job succeeds', async () => {
    await begin();
    for (const command of ['circleci-agent step halt', 'circleci step halt', 'circleci task halt']) {
      const record = await perform([run(`${command}; echo after`), run('echo no', { when: 'always' })]);
      expect([record.finished?.status, ...statuses(record).slice(2)]).toEqual([
        'success',
        'success',
        'skipped',
      ]);
      expect(outputOf(record, 2)).toContain('\nafter\n');
    }
    const failing = await perform([run('circleci step halt; exit 1'), run('echo no', { when: 'always' })]);
    expect([failing.finished?.status, ...statuses(failing).slice(2)]).toEqual([
      'failed',
      'failed',
      'skipped',
    ]);
  });

  it('gives variables by precedence: step, job, built-in, secret', async () => {
    await begin();
    const names = ['A', 'B', 'C', 'D'];
    const all = (names_: string[], value: string) => Object.fromEntries(names_.map((name) => [name, value]));
    const record = await perform([run('echo "$A $B $C $D"', { environment: all(['A'], 'step') })], {
      secretEnvironment: all(names, 'sec'),
      builtinEnvironment: all(['A', 'B', 'C'], 'builtin'),
      definition: {
        ...taskOf([]).definition,
        environment: all(['A', 'B'], 'job'),
        steps: [run('echo "$A $B $C $D"', { environment: all(['A'], 'step') })],
      },
    });
    expect(outputOf(record, 2)).toContain('\nstep job builtin sec\n');
  });

  it('carries exports from step to step by BASH_ENV, and tells where it works', async () => {
    await begin();
    const record = await perform([
      run('echo "export LATER=yes" >> "$BASH_ENV"; [ "$BASH_ENV" = "$CIRCLE_SHELL_ENV" ]'),
      run(
        'echo "later: $LATER"; [ "$CIRCLE_WORKING_DIRECTORY" = "$PWD" ]; [ -d "$CIRCLE_INTERNAL_TASK_DATA" ]; [ -d "$CIRCLE_INTERNAL_SCRATCH" ]',
      ),
    ]);
    expect(record.finished?.status).toBe('success');
    expect(outputOf(record, 3)).toContain('\nlater: yes\n');
  });

  it('uses the shell of the step or job, flags included, and a working directory of the step', async () => {
    await begin();
    const record = await perform([
      run('false; echo "$0" ran on', { shell: '/bin/sh' }),
      run('echo $BASH_VERSION | cut -c1', { shell: '/usr/bin/env bash -euo pipefail -c' }),
      run('pwd', { workingDirectory: 'a/b' }),
      run('pwd', { workingDirectory: '/dev/null/x' }),
    ]);
    expect(outputOf(record, 2)).toContain(' ran on\n');
    expect(statuses(record).slice(2)).toEqual(['success', 'success', 'success', 'failed']);
    expect(outputOf(record, 4)).toMatch(/\/project\/a\/b\n$/);
    expect(outputOf(record, 5)).toContain('cannot make the working directory /dev/null/x');
  });

  it('masks secrets in all output and lists only their names', async () => {
    await begin();
    const secretEnvironment = { TOKEN: 'hush-hush-1', SHORT: 'abc', FLAG: 'true' };
    const record = await perform(
      [run('echo "$TOKEN $SHORT $FLAG"; printf hush-; sleep 0.1; printf "hush-1\\n"')],
      { secretEnvironment },
    );
    expect(outputOf(record, 2)).toMatch(/\n\*\*\*\* abc true\n\*\*\*\*\n$/);
    expect(outputOf(record, 1)).toContain('  TOKEN=**REDACTED**\n');
    const everything =
      JSON.stringify([...record.steps.values()]) + [...record.outputs.values()].flat().join('');
    expect(everything).not.toContain('hush-hush-1');
  });

  it('ends a step without output, and the job fails', async () => {
    await begin();
    const record = await perform([
      run('echo x; sleep 1000', { noOutputTimeoutSeconds: 0.3 }),
      run('echo y', { when: 'always' }),
    ]);
    expect(record.finished?.status).toBe('failed');
    expect(statuses(record).slice(2)).toEqual(['timedout', 'success']);
    expect(outputOf(record, 2)).toContain(
      'Too long with no output (exceeded 300ms): context deadline exceeded\n',
    );
  });

  it('ends a job at its maximum run time; nothing else runs', async () => {
    await begin();
    const record = await perform([run('sleep 1000'), run('echo y', { when: 'always' })], {
      // Enough to come to the step, also on a machine with other work.
      maxRunSeconds: 2,
    });
    expect(record.finished?.status).toBe('timedout');
    expect(statuses(record).slice(2)).toEqual(['timedout']);
  });

  it('reruns a failing step as often as it may', async () => {
    await begin();
    const record = await perform([
      run('echo x >>tries; [ $(wc -l <tries) -ge 3 ]', { maxAutoReruns: 3 }),
      run('exit 1', { maxAutoReruns: 1 }),
    ]);
    expect(statuses(record).slice(2)).toEqual(['success', 'failed']);
    expect(outputOf(record, 3).match(/Exited with code/g)).toHaveLength(2);
  });

  it('keeps background steps going until the end, and does not mind when one fails', async () => {
    await begin();
    const record = await perform([
      run('while :; do echo tick; sleep 0.05; done', { background: true }),
      run('exit 9', { background: true }),
      run('for i in $(seq 100); do [ -e never ] || sleep 0.01; done; echo done'),
    ]);
    expect(record.finished?.status).toBe('success');
    expect(statuses(record).slice(2)).toEqual(['canceled', 'failed', 'success']);
    expect(outputOf(record, 2)).toMatch(/tick\n(tick\n)+(.*\n)?Step canceled\n$/);
    expect(record.steps.get(2)).toMatchObject({ background: true });
  });

  it('cancels at once, with everything that runs, and runs nothing else', async () => {
    const agent = await begin();
    const record = server.offer(
      taskOf([run('setsid sleep 1000 & sleep 1000'), run('echo no', { when: 'always' })]),
    );
    await until(() => outputOf(record, 2).includes('sleep'), 'the step to run');
    const before = performance.now();
    server.cancel(record);
    await finish(record);
    expect(performance.now() - before).toBeLessThan(3000);
    expect([record.finished?.status, ...statuses(record).slice(2)]).toEqual(['canceled', 'canceled']);
    await until(() => agent.running === 0, 'the agent to be free');
    expect((await readdir(workRoot())).filter((name) => name !== '.agent')).toEqual([]);
  });

  it('forgets a task whose claim is over, and takes the next', async () => {
    const agent = await begin();
    const record = server.offer(taskOf([run('sleep 1000')]));
    await until(() => outputOf(record, 2).includes('sleep'), 'the step to run');
    record.over = true;
    await until(() => agent.running === 0, 'the agent to drop the task');
    expect(record.finished).toBeUndefined();
    expect((await perform([run('true')])).finished?.status).toBe('success');
  });
});

describe('files of a job on the host executor', () => {
  it('checks out the source, replaces a repository and refuses a directory with other files', async () => {
    await begin();
    server.source = Buffer.from(
      await textOf(
        await packFiles([
          { name: '.git/HEAD', text: 'ref' },
          { name: 'a.txt', text: 'one' },
        ]),
        'latin1',
      ),
      'latin1',
    );
    const record = await perform([
      step('checkout', {}),
      run('cat a.txt; echo changed >a.txt'),
      step('checkout', {}),
      run('cat a.txt; mkdir other; touch other/file'),
      step('checkout', { path: 'other' }),
    ]);
    expect(statuses(record).slice(2)).toEqual(['success', 'success', 'success', 'success', 'failed']);
    expect(outputOf(record, 5)).toMatch(/\none$/);
    expect(outputOf(record, 6)).toMatch(
      /^Directory \(.*\/other\) you are trying to checkout to is not empty and not a git repository\n$/,
    );
  });

  it('fails a checkout without a source, clearly', async () => {
    await begin();
    const record = await perform([step('checkout', {})]);
    expect([record.finished?.status, outputOf(record, 2).includes('no source repository')]).toEqual([
      'failed',
      true,
    ]);
  });

  it('hands a workspace from one job to another', async () => {
    await begin();
    const first = await perform([
      run(
        'mkdir -p out/bin && echo tool >out/bin/tool && chmod 755 out/bin/tool && echo n >out/notes.txt && echo l >out/left',
      ),
      step('persist_to_workspace', { root: 'out', paths: ['bin', '*.txt'] }),
    ]);
    expect(first.finished?.status).toBe('success');
    expect(outputOf(first, 3)).toMatch(
      /^Creating workspace archive\.\.\.\nUploading workspace archive\.\.\.\nPersisted 2 files, \d+ B compressed:\n {2}\* .*\/out\/bin\n {2}\* .*\/out\/notes\.txt\n$/,
    );
    const second = await perform([
      step('attach_workspace', { at: '/tmp/../~none' }),
      step('attach_workspace', { at: 'ws' }),
      run('cd ws; find . -type f | sort; test -x bin/tool'),
    ]);
    expect(outputOf(second, 4)).toMatch(/\n\.\/bin\/tool\n\.\/notes\.txt\n$/);
    const { layer } = server.layers[0]!;
    expect(outputOf(second, 3)).toBe(
      `Downloading workspace layers\n  workflows/workspaces/ws/0/${layer.jobId}/0/3.tar.gz - ${layer.size} B\n` +
        `Applying workspace layers\n  ${layer.jobId}\n`,
    );
    await rm('/~none', { recursive: true, force: true });
  });

  it('fails to persist what is not there, in the original words', async () => {
    await begin();
    const one = await perform([step('persist_to_workspace', { root: 'none', paths: ['.'] })]);
    expect(outputOf(one, 2)).toMatch(
      /^Error locating workspace root directory: stat .*\/none: no such file or directory\n$/,
    );
    const two = await perform([
      run('mkdir out'),
      step('persist_to_workspace', { root: 'out', paths: ['*.log', 'x'] }),
    ]);
    expect(outputOf(two, 3)).toMatch(/^The specified paths did not match any files in .*\/out\n$/);
  });

  it('fails to attach what two concurrent jobs persisted, and names all of it', async () => {
    await begin();
    for (const name of ['one', 'two', 'three']) {
      const persist = step('persist_to_workspace', { root: 'out', paths: ['.'] });
      await perform([
        run(`mkdir -p out/d; echo ${name} | tee out/${name} out/d/same out/same >out/x-${name}`),
        persist,
      ]);
    }
    const attach = step('attach_workspace', { at: 'ws' });
    const inOneLine = await perform([attach, run('cat ws/same; ls ws ws/d')]);
    expect(inOneLine.finished?.status).toBe('success');
    expect(outputOf(inOneLine, 3)).toContain('\nthree\n');
    const [one, two, three] = server.layers.map(({ layer }) => layer.id);
    server.concurrent = ({ id }, other) => id === three && other.id === two;
    const failed = await perform([attach, run('echo no')]);
    expect([failed.finished?.status, ...statuses(failed).slice(2)]).toEqual(['failed', 'failed', 'skipped']);
    const message =
      'Concurrent upstream jobs persisted the same file(s) into the workspace:\n  - d/same\n  - same\n';
    expect(outputOf(failed, 2).endsWith(message)).toBe(true);
    // Other files of the same job are not in the way, nor is a directory that both have.
    server.concurrent = ({ id }, other) => id === two && other.id === one;
    server.layers.splice(0, 1);
    expect((await perform([attach])).finished?.status).toBe('success');
  });

  it('does not use a layer or a cache that is damaged, and says so', async () => {
    await begin();
    const fill = run('mkdir -p out; head -c 200000 /dev/urandom >out/x');
    const paths = { root: 'out', paths: ['.'] };
    await perform([
      fill,
      step('persist_to_workspace', paths),
      step('save_cache', { key: 'k', paths: ['out'] }),
    ]);
    server.layers[0]!.archive = server.layers[0]!.archive.subarray(0, 100_000);
    const attached = await perform([step('attach_workspace', { at: 'ws' })]);
    expect([attached.finished?.status, outputOf(attached, 2)]).toEqual([
      'failed',
      expect.stringMatching(/Error applying workspace layer for job |unexpected|premature/),
    ]);
    const { archive } = server.caches.get('k')!;
    archive[archive.length >> 1]! ^= 255;
    const restored = await perform([step('restore_cache', { keys: ['k'] })]);
    expect(restored.finished?.status).toBe('failed');
  });

  it('saves a cache once and restores it to where it was, in another home directory', async () => {
    await begin();
    const save = [
      run(
        'echo lock >lock; mkdir -p ~/.deps/sub; echo dep >~/.deps/sub/a; ln -s ~/.deps/sub/a ~/.deps/absolute; ln ~/.deps/sub/a ~/.deps/hard',
      ),
      step('save_cache', { key: 'v1-{{ checksum "lock" }}', paths: ['~/.deps', '~/not-there'] }),
    ];
    const first = await perform(save);
    const [key] = [...server.caches.keys()];
    expect(key).toMatch(/^v1-[\w+=]{44}$/);
    expect(outputOf(first, 3)).toMatch(
      /not-there does not exist[^]*Stored Cache to v1-.*\n {2}\* .*\.deps\n$/,
    );
    const second = await perform(save);
    expect(outputOf(second, 3)).toBe(
      `Skipping cache generation, cache already exists for key: ${key}\nFound one created at 2020-03-28 04:22:47 +0000 UTC\n`,
    );
    const third = await perform([
      step('restore_cache', { keys: ['v2-', 'v1-{{ checksum "none" }}', 'v1-'] }),
      run('cat ~/.deps/sub/a ~/.deps/absolute ~/.deps/hard'),
    ]);
    expect(third.finished?.status).toBe('success');
    expect(outputOf(third, 2)).toMatch(
      /^error computing cache key: template: cacheKey:1:6: executing "cacheKey" at <checksum "none">: error calling checksum: open .*\/project\/none: no such file or directory\nNo cache is found for key: v2-\nFound a cache from build 43 at v1-/,
    );
    // The whole of it as the original prints it (C-271).
    expect(outputOf(third, 2)).toMatch(
      /\nSize: \d+ B\nCached paths:\n {2}\* \S*\/\.deps\n\nDownloading cache archive\.\.\.\nValidating cache\.\.\.\n\nUnarchiving cache\.\.\.\n$/,
    );
    expect(outputOf(third, 3)).toMatch(/dep\ndep\ndep\n$/);
  });

  it('stores artifacts and test results', async () => {
    await begin();
    const record = await perform([
      run(
        'mkdir -p out/deep reports; echo a >out/a.txt; head -c 3000000 /dev/zero >out/deep/big; echo "<testsuite/>" >reports/r.xml; echo no >reports/no.txt',
      ),
      step('store_artifacts', { path: 'out' }),
      step('store_artifacts', { path: 'out/a.txt', destination: 'renamed' }),
      step('store_artifacts', { path: 'out', destination: 'there' }),
      step('store_test_results', { path: 'reports' }),
    ]);
    expect([...record.artifacts].map(([name, bytes]) => `${name} ${bytes.length}`).sort()).toEqual([
      ...['out/a.txt 2', 'out/deep/big 3000000', 'renamed 2', 'there/a.txt 2', 'there/deep/big 3000000'],
    ]);
    expect([...record.testResults.keys()]).toEqual(['r.xml']);
  });

  /** Files of the host, as of an environment where each call takes a process; `reads` counts the calls for one file. */
  function distantHost(): { executor: Executor; reads: () => number } {
    const host = new HostExecutor({ workRoot: workRoot() });
    let reads = 0;
    const executor: Executor = {
      name: 'docker',
      available: () => host.available(),
      cleanUp: (alive) => host.cleanUp(alive),
      prepare: async (request) => {
        const environment = await host.prepare(request);
        const readFile = environment.readFile.bind(environment);
        return Object.assign(environment, {
          distant: true,
          readFile: (path: string) => (reads++, readFile(path)),
        });
      },
    };
    return { executor, reads: () => reads };
  }

  it('goes on with the other files of a tar when the connection broke under a large one', async () => {
    const { executor, reads } = distantHost();
    await begin(executor);
    let dropped = 0;
    server.fault = ({ path }) => (path.endsWith('/artifacts') && dropped++ === 0 ? 'drop before' : undefined);
    const record = await perform([
      run('mkdir out; head -c 5000000 /dev/zero >out/a; for i in $(seq 30); do echo "$i" >"out/b$i"; done'),
      step('store_artifacts', { path: 'out', destination: 'd' }),
    ]);
    expect([record.finished?.status, outputOf(record, 3)]).toEqual([
      'success',
      expect.stringMatching(/ {2}31 files uploaded\n$/),
    ]);
    expect([record.artifacts.get('d/a')?.length, record.artifacts.get('d/b7')?.toString()]).toEqual([
      5_000_000,
      '7\n',
    ]);
    expect(reads()).toBe(1);
  });

  it('stores many files of an environment where each call takes a process, through broken connections', async () => {
    const { executor, reads } = distantHost();
    await begin(executor);
    server.fault = ({ path, count: n }) =>
      path.endsWith('/artifacts') && n % 5 === 0 ? 'drop before' : undefined;
    const record = await perform([
      run(
        'mkdir -p out/deep; for i in $(seq 60); do echo "$i" >"out/deep/ä $i"; done; head -c 5000000 /dev/zero >out/big; echo x >out/-x; ln -s big out/link; ln out/-x out/hard; ln -s none out/dangling; mkfifo out/pipe',
      ),
      step('store_artifacts', { path: 'out', destination: 'd' }),
    ]);
    expect([record.finished?.status, outputOf(record, 3)]).toEqual([
      'success',
      expect.stringMatching(/to d\n {2}Skipped .*\/out\/dangling: not a file\n {2}64 files uploaded\n$/),
    ]);
    expect(record.artifacts.get('d/deep/ä 17')?.toString()).toBe('17\n');
    expect(
      [...record.artifacts].filter(([, bytes]) => bytes.length === 5_000_000).map(([name]) => name),
    ).toEqual(expect.arrayContaining(['d/big', 'd/link']));
    expect([record.artifacts.get('d/-x')?.length, record.artifacts.get('d/hard')?.length]).toEqual([2, 2]);
    // The links, and one large file whose upload broke.
    expect(reads()).toBeLessThan(20);
  });

  it('fails add_ssh_keys with a clear text', async () => {
    await begin();
    const record = await perform([step('add_ssh_keys', { fingerprints: ['SHA256:x'] })]);
    expect(record.finished?.status).toBe('failed');
    expect(outputOf(record, 2)).toContain('No SSH key with fingerprint SHA256:x is available');
  });
});

describe('an agent in a bad network', () => {
  const count = 4000;
  const lines = Array.from({ length: count }, (_, i) => `line ${i + 1}\n`).join('');
  const slow = `for i in $(seq ${count}); do echo "line $i"; [ $((i % 100)) != 0 ] || sleep 0.05; done`;

  it('delivers every line once through dropped connections, lost answers and errors', async () => {
    await begin();
    const faults = ['drop before', 'drop after', 'answer 500', undefined] as const;
    server.fault = ({ count: n, path }) => (path.endsWith('/claim') ? undefined : faults[Math.min(n % 9, 3)]);
    const record = await finish(server.offer(taskOf([run(slow)])), 50_000);
    expect(record.finished).toEqual({ status: 'success' });
    expect(outputOf(record, 2).endsWith(`\n${lines}`)).toBe(true);
    expect(server.resentBytes).toBeGreaterThan(0);
    expect(record.steps.get(2)?.outputBytes).toBe(outputOf(record, 2).length);
  });

  it('goes on through a server that is killed and started again', async () => {
    await begin();
    const record = server.offer(taskOf([run(slow), run('echo second')]));
    await until(() => outputOf(record, 2).includes('line 500\n'), 'the step to run');
    await server.kill();
    const before = outputOf(record, 2).length;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await server.listen();
    await finish(record);
    expect(before).toBeLessThan(outputOf(record, 2).length);
    expect(outputOf(record, 2).endsWith(`\n${lines}`)).toBe(true);
    expect([record.finished?.status, record.started, ...statuses(record)]).toEqual([
      'success',
      1,
      ...Array<string>(4).fill('success'),
    ]);
  });

  it('sends again from where a server is that lost some bytes', async () => {
    await begin();
    const record = server.offer(taskOf([run(slow)]));
    const key = `${record.task.taskId}/2`;
    await until(() => outputOf(record, 2).includes('line 300\n'), 'the step to run');
    const kept = Buffer.from(outputOf(record, 2).slice(0, 100));
    record.outputs.set(2, [kept]);
    server.outputBytes.set(key, kept.length);
    await finish(record);
    expect(outputOf(record, 2).endsWith(`\n${lines}`)).toBe(true);
  });
});

describe('an agent with the fake executor', () => {
  it('reports a lost environment as infrastructure_fail', async () => {
    await begin(new FakeExecutor());
    const record = await perform([run('print x\ndie'), run('print y', { when: 'always' })]);
    expect(record.finished).toEqual({ status: 'infrastructure_fail', message: 'the fake environment died' });
    expect(statuses(record).slice(2)).toEqual(['infrastructure_fail']);
  });

  it('reports an environment that cannot be made with the reason', async () => {
    await begin(new FakeExecutor({ refuse: () => new ExecutorError('no such image: x:y', 'failed') }));
    const record = await perform([run('print x')]);
    expect(record.finished).toEqual({ status: 'failed', message: 'no such image: x:y' });
    expect(outputOf(record, 0)).toBe('no such image: x:y\n');
    expect(statuses(record)).toEqual(['failed']);
  });

  it('runs no more tasks at once than it may, and takes the next as soon as one ends', async () => {
    const agent = await begin(new FakeExecutor());
    const records = Array.from({ length: 6 }, () => server.offer(taskOf([run('sleep 100ms')])));
    let most = 0;
    await until(() => {
      most = Math.max(most, agent.running);
      return records.every((record) => record.finished);
    }, 'all tasks');
    expect(most).toBe(2);
  });

  it('drains: waits for what runs, claims nothing more', async () => {
    const agent = await begin(new FakeExecutor());
    const record = server.offer(taskOf([run('print up\nsleep 300ms')]));
    await until(() => outputOf(record, 2).includes('up\n'), 'the step to run');
    const draining = agent.drain(10_000);
    const later = server.offer(taskOf([run('print x')]));
    await draining;
    expect(record.finished?.status).toBe('success');
    expect(later.started).toBe(0);
  });

  it('drains: ends what outlasts the grace time as infrastructure_fail', async () => {
    const agent = await begin(new FakeExecutor());
    const record = server.offer(taskOf([run('print up\nhang')]));
    await until(() => outputOf(record, 2).includes('up\n'), 'the step to run');
    await agent.drain(50);
    expect(record.finished).toEqual({
      status: 'infrastructure_fail',
      message: 'The agent that ran this job was stopped',
    });
    expect(statuses(record).slice(2)).toEqual(['infrastructure_fail']);
  });

  it('shows the first output fast', async () => {
    await begin(new FakeExecutor());
    await perform([run('print warm')]);
    const record = server.offer(taskOf([run('print now\nhang')]));
    await until(() => outputOf(record, 2).includes('now\n'), 'the first line', 500);
    server.cancel(record);
    await finish(record);
  });
});
