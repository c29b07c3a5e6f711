// The in-job command as a job's shell sees it, on the host executor.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionEnvironment } from '../executors/executor.port.js';
import { HostExecutor } from '../executors/host/host.executor.js';
import { taskOf } from '../testing/tasks.js';
import { inJob, type InJob } from './in-job.testing.js';
import { VERSION } from './version.js';

let directory: string;
let environment: ExecutionEnvironment;
let job: InJob;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "rotunda in'job-"));
  const { taskId, definition } = taskOf([]);
  environment = await new HostExecutor({ workRoot: directory }).prepare({
    ...{ taskId, jobName: 'build', definition, environment: {}, log: () => undefined },
    signal: new AbortController().signal,
  });
  job = await inJob(environment);
  const files = ['spec/b_spec.rb', 'spec/deep/a_spec.rb', 'spec/note.txt', 'with blank.rb', '.git/x_spec.rb'];
  for (const file of files) await environment.writeFile(`${environment.workingDirectory}/${file}`, file);
});
afterAll(async () => {
  await environment?.destroy();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(() => {
  job.failed = undefined;
});

describe('env subst', () => {
  it('takes its first argument, or else all of its input, and adds no newline', async () => {
    const name = { NAME: 'wörld' };
    expect(await job.sh("circleci env subst 'hello $NAME' more", name)).toEqual({
      code: 0,
      out: 'hello wörld',
      err: '',
    });
    expect((await job.sh("printf 'a $NAME\\n\\n' | circleci-agent env subst", name)).out).toBe('a wörld\n\n');
    expect((await job.sh('circleci env subst </dev/null')).out).toBe('');
    expect((await job.sh("circleci env subst ''; circleci env subst --help")).out).toBe('--help');
  });

  it('knows what the calling shell exported, whatever it is called, and values of several lines', async () => {
    const text = `export r="1
2" name=n call=c count=3 entry=e; hidden=no; circleci env subst '$r $name $call $count $entry[$hidden]'`;
    expect((await job.sh(text)).out).toBe('1\n2 n c 3 e[]');
  });

  it('lets bytes through that are no text', async () => {
    const { out } = await job.sh("printf '\\377$A\\0\\n' | circleci env subst | od -An -tx1", { A: 'a' });
    expect(out.trim()).toBe('ff 61 00 0a');
  });

  it('fails on a brace that is not closed', async () => {
    expect(await job.sh("circleci env subst '${A'")).toEqual({
      ...{ code: 1, out: '', err: 'Error: closing brace expected\n' },
    });
  });
});

describe('tests glob', () => {
  it('prints what matches, pattern by pattern', async () => {
    const { out, err, code } = await job.sh(
      "circleci tests glob 'spec/**/*_spec.rb' './spec/*.txt' '*.rb' 'none*'",
    );
    expect(out).toBe('spec/deep/a_spec.rb\nspec/b_spec.rb\nspec/note.txt\nwith blank.rb\n');
    expect([err, code]).toEqual(['', 0]);
    expect((await job.sh("cd spec; circleci tests glob '*_spec.rb' '../*.rb'")).out).toBe(
      'b_spec.rb\n../with blank.rb\n',
    );
    expect((await job.sh('circleci tests glob "$PWD/spec/*.txt"')).out).toBe(
      `${environment.workingDirectory}/spec/note.txt\n`,
    );
  });

  it('fails on a pattern that cannot be read, and without one', async () => {
    expect(await job.sh("circleci tests glob '*.rb' '['")).toEqual({
      ...{ code: 1, out: '', err: 'Error: syntax error in pattern\n' },
    });
    expect((await job.sh('circleci tests glob')).code).toBe(1);
  });
});

describe('tests split', () => {
  const nodes = { CIRCLE_NODE_INDEX: '1', CIRCLE_NODE_TOTAL: '2' };

  it('reads its input or a file, and prints the tests of the node', async () => {
    expect(await job.sh("printf 'c\\na\\nb\\n' | circleci tests split", nodes)).toEqual({
      code: 0,
      out: 'b\n',
      err: '',
    });
    await job.sh("printf 'c\\na\\nb\\n' >list");
    expect((await job.sh('circleci tests split --index 0 list', nodes)).out).toBe('a\nc\n');
    expect((await job.sh('circleci tests split --split-by=name list --total 1 --index=0', nodes)).out).toBe(
      'a\nb\nc\n',
    );
    expect((await job.sh('echo c a b | CIRCLE_NODE_TOTAL=3 circleci-agent tests split', nodes)).out).toBe(
      'b\n',
    );
    expect((await job.sh('circleci --verbose tests split list', nodes)).out).toBe('b\n');
    expect(await job.sh('circleci tests split none', nodes)).toEqual({
      ...{ code: 1, out: '', err: 'Error: open none: no such file or directory\n' },
    });
  });

  it('leaves the input alone when it is given a file', async () => {
    const text =
      "printf '1\\n2\\n' | while read -r line; do circleci tests split list >/dev/null; echo $line; done";
    expect((await job.sh(text)).out).toBe('1\n2\n');
  });

  it('goes by the size of files', async () => {
    const text =
      "printf '%s\\n' spec/note.txt 'with blank.rb' spec/deep/a_spec.rb none | circleci tests split --split-by=filesize --total=2";
    expect(await job.sh(text)).toEqual({
      code: 0,
      out: 'spec/deep/a_spec.rb\nnone\n',
      err: 'No file found for "none"\n',
    });
    expect((await job.sh(`${text} --index=1`)).out).toBe('spec/note.txt\nwith blank.rb\n');
  });

  it('goes by the times of earlier runs, wherever they lie', async () => {
    const text = "printf 'a\\nb\\nc\\n' | circleci tests split --split-by=timings";
    expect(await job.sh(text, nodes)).toEqual({
      code: 0,
      out: 'b\n',
      err: 'Error reading historical timing data: file does not exist\nRequested weighting by historical based timing, but they are not present. Falling back to weighting by name.\n',
    });
    const times = JSON.stringify({ tests: ['a', 'b', 'c'].map((file, i) => ({ file, run_time: i })) });
    const place = `${job.places.taskData}/circle-test-results/results.json`;
    await environment.writeFile(place, times);
    expect(await job.sh(text, nodes)).toEqual({ code: 0, out: 'b\na\n', err: '' });
    const elsewhere = 'cp "$CIRCLE_INTERNAL_TASK_DATA"/circle-test-results/results.json other.json; ';
    const bare = { ...nodes, CIRCLE_INTERNAL_TASK_DATA: '/none' };
    const other = await job.sh(`${elsewhere}${text} --timings-file other.json`, nodes);
    expect(other.out).toBe('b\na\n');
    expect((await job.sh(text, bare)).err).toContain('file does not exist');
    await environment.writeFile(place, 'nonsense');
    expect((await job.sh(text, nodes)).err).toMatch(/^Error reading historical timing data: .+\nRequested/);
  });

  it('shows its flags when it is used wrongly, and when asked', async () => {
    const wrong = await job.sh('circleci tests split --split-by=x </dev/null');
    expect([wrong.code, wrong.out]).toEqual([1, '']);
    expect(wrong.err).toMatch(/^Error: invalid value "x" for --split-by: .*\nUsage:\n/);
    const { code, out } = await job.sh('circleci tests split --help; circleci tests run -h');
    expect([code, out.match(/--timings-file/g)?.length]).toEqual([0, 2]);
  });
});

describe('tests run', () => {
  const said = 'INFO[2026-03-04T05:06:07Z] starting execution\n';

  it('runs the command with the tests of the node on its input, and ends as it ends', async () => {
    const nodes = { CIRCLE_NODE_INDEX: '0', CIRCLE_NODE_TOTAL: '2' };
    const list = "printf 'b c\\na d\\n' | circleci tests run";
    expect(await job.sh(`${list} --command='xargs echo got'`, nodes)).toEqual({
      code: 0,
      out: 'got a c\n',
      err: said,
    });
    expect((await job.sh(`${list} --command "xargs -I{} -d' ' echo [{}]" --index=1`, nodes)).out).toBe(
      '[b]\n[d]\n',
    );
    expect(await job.sh(`${list} --command='A=1 xargs sh -c "exit 3"'`, nodes)).toMatchObject({ code: 123 });
    expect(await job.sh(`${list} --command='cat >/dev/null; exit 7'`, nodes)).toMatchObject({ code: 7 });
    await job.sh(`${list} --command='>files.txt xargs echo'`, nodes);
    expect((await job.sh('cat files.txt')).out).toBe('a c\n');
  });

  it('says more when asked to', async () => {
    const { err } = await job.sh("echo a b | circleci tests run --verbose --command='xargs echo'");
    expect(err).toBe(
      'DEBUG[2026-03-04T05:06:07Z] Attempting to read from stdin. This will hang if no input is provided.\n' +
        `${said}DEBUG[2026-03-04T05:06:07Z] Received: a b\n`,
    );
  });

  it('does not run the command without a test, and warns when none was given', async () => {
    const run = "circleci tests run --command='echo ran' --index=1 --total=2";
    expect(await job.sh(`echo a | ${run}`)).toEqual({ code: 0, out: '', err: '' });
    expect(await job.sh(`${run} </dev/null`)).toEqual({
      ...{ code: 0, out: '' },
      err: 'WARN[2026-03-04T05:06:07Z] No test names found in input source. If you were expecting test names, please check your input source.\n',
    });
    expect((await job.sh('echo a | circleci tests run')).err).toMatch(
      /^Error: required flag\(s\) "command" not set\n/,
    );
  });

  it('keeps the files whose tests failed, in a rerun of failed tests', async () => {
    const failed = [
      { file: 'b.py', classname: 'B' },
      { file: 'b.py', classname: 'B' },
    ];
    job.failed = { workflowId: 'w1', total: 56, failed };
    const run = "circleci tests run -v --command='xargs echo'";
    const { out, err } = await job.sh(`echo a.py b.py c.py | ${run}`);
    expect(out).toBe('b.py\n');
    expect(err).toContain('INFO[2026-03-04T05:06:07Z] received failed tests from workflow w1\n');
    expect(err).toContain('] 2 test(s) failed out of 56 total test(s). Rerunning 1 test file(s)\n');
    expect((await job.sh(`echo a.py b.py c.py | ${run} --index=1 --total=2`)).out).toBe('');
    expect((await job.sh('echo a.py b.py | circleci tests split')).out).toBe('a.py\nb.py\n');
  });

  it('keeps classes where no file is known, and loses no failed test whose name has another form', async () => {
    const run = "circleci tests run --command='xargs echo'";
    job.failed = { workflowId: 'w1', total: 3, failed: [{ file: '', classname: 'tests.b' }] };
    expect((await job.sh(`echo tests.a tests.b | ${run}`)).out).toBe('tests.b\n');
    expect((await job.sh(`echo tests/a.py tests/b.py | ${run}`)).out).toBe('tests.b\n');
    job.failed = { workflowId: 'w1', total: 3, failed: [{ file: 'tests/b.py', classname: 'tests.b' }] };
    expect((await job.sh(`echo ./tests/a.py ./tests/b.py | ${run}`)).out).toBe('tests/b.py\n');
    job.failed = { workflowId: 'w1', total: 3, failed: [{ file: '', classname: '' }] };
    expect((await job.sh(`echo a b | ${run}`)).out).toBe('a b\n');
  });
});

describe('the command itself', () => {
  it('halts by every spelling, in whatever environment', async () => {
    for (const spelling of ['circleci step', 'circleci-agent step', 'circleci task', 'circleci-agent task']) {
      await rm(job.places.haltFile, { force: true });
      expect(await job.sh(`${spelling} halt && ${spelling} halt`)).toEqual({ code: 0, out: '', err: '' });
      expect(await environment.stat(job.places.haltFile)).toBeDefined();
    }
    expect((await job.sh('command=$(command -v circleci); env -i "$command" step halt')).code).toBe(0);
  });

  it('tells its version, the one of the program', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    expect(VERSION).toBe(version);
    const { out } = await job.sh('circleci version --short; circleci version; circleci-agent --version');
    expect(out).toBe(`${version}\ncircleci version ${version}\ncircleci-agent version ${version}\n`);
  });

  it('runs a plugin that is in PATH, and says when there is none', async () => {
    const file = `${environment.workingDirectory}/plugins/circleci-hello`;
    await environment.writeFile(file, '#!/bin/sh\necho hello "$@"\nexit 4\n', 0o755);
    expect(await job.sh('PATH=$PATH:$PWD/plugins circleci run hello a "b c"')).toEqual({
      code: 4,
      out: 'hello a b c\n',
      err: '',
    });
    const none = await job.sh('circleci run release plan');
    expect([none.code, none.err]).toEqual([
      1,
      'Error: plugin "release" is not available: this server has none of this name, and there is no circleci-release in PATH\n',
    ]);
  });

  it('names what it does not know, and helps', async () => {
    expect(await job.sh('circleci frobnicate')).toEqual({
      ...{ code: 1, out: '', err: 'Error: unknown command "frobnicate" for "circleci"\n' },
    });
    expect((await job.sh('circleci tests fly')).err).toBe(
      'Error: unknown command "fly" for "circleci tests"\n',
    );
    expect((await job.sh('circleci; circleci --help; circleci tests; circleci toString x')).out).toMatch(
      /^(Usage:\n {2}circleci \[command\][\s\S]*){3}$/,
    );
  });

  it('works under set -eu of any shell at hand, many at once, and leaves nothing behind', async () => {
    const text = `set -eu; for i in 1 2 3 4 5 6 7 8; do (echo "$i" | circleci tests split) & done; wait`;
    for (const shell of [['/bin/sh'], ['/bin/bash', '-eo', 'pipefail']]) {
      const { out, err } = await job.sh(text, {}, shell);
      expect([out.trim().split('\n').sort().join(''), err]).toEqual(['12345678', '']);
    }
    expect(await readdir(job.places.calls)).toEqual([]);
  });
});
