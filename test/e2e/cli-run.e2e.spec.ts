// `rotunda run` as users run it: exit codes, what it prints, and that it leaves nothing behind.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cli, git, ownDirectory, processesWith, repositoryOf, until, write } from './cli-support.js';

const CONFIG = `version: 2.1
parameters:
  who: {type: string, default: world}
jobs:
  greet:
    machine: true
    steps:
      - checkout
      - run: {name: Greet, command: "echo hello << pipeline.parameters.who >>; cat note.txt"}
  break:
    machine: true
    steps:
      - run: {name: Break, command: "echo before; exit 3"}
  after:
    machine: true
    steps:
      - run: {name: After, command: "echo after"}
workflows:
  good:
    jobs:
      - greet
      - after: {requires: [greet]}
  bad:
    jobs:
      - break
      - after: {requires: [break]}
`;

let home: Awaited<ReturnType<typeof ownDirectory>>;
let repository: string;
/** Temporary files of the runs, so that what stays behind is seen. */
let temporary: string;
const run = (...args: string[]) => cli(['run', ...args], { env: { TMPDIR: temporary } });

beforeAll(async () => {
  home = await ownDirectory();
  temporary = join(home.path, 'tmp');
  await mkdir(temporary, { mode: 0o711 });
  repository = await repositoryOf(join(home.path, 'app'), {
    '.circleci/config.yml': CONFIG,
    'note.txt': 'committed note\n',
    '.gitignore': 'secret.txt\n',
  });
});
afterAll(() => home.remove());

describe('rotunda run', () => {
  test('a pipeline that succeeds: its output, a summary, exit code 0', async () => {
    const ran = run(repository, '--workflow', 'good', '--param', 'who=Ada');
    expect(await ran.ended()).toBe(0);
    expect(ran.stdout()).toContain('[greet] Greet > hello Ada\n');
    expect(ran.stdout()).toContain('[greet] Greet > committed note\n');
    expect(ran.stdout()).toMatch(
      /\ngood {2}success\n {2}greet {2}✓ success +[\d.]+ s\n {2}after {2}✓ success +[\d.]+ s\n$/,
    );
    expect(ran.stdout()).not.toContain('[break]');
    expect(await readdir(temporary)).toEqual([]);
  });

  test('a pipeline that fails: the exit code of the step, exit code 1', async () => {
    const ran = run(repository, '--workflow', 'bad');
    expect(await ran.ended()).toBe(1);
    expect(ran.stdout()).toContain('[break] Break > before\n');
    expect(ran.stdout()).toMatch(/\[break\] Break ✗ failed in [\d.]+ s, exit code 3\n/);
    expect(ran.stdout()).not.toContain('After > after');
    expect(await readdir(temporary)).toEqual([]);
  });

  test('--job runs the job with what it requires', async () => {
    const ran = run(repository, '--workflow', 'good', '--job', 'greet');
    expect(await ran.ended()).toBe(0);
    expect(ran.stdout()).toContain('hello world');
    expect(ran.stdout()).not.toContain('[after]');
  });

  test('--dirty takes changed and new files, not ignored ones, and changes nothing in the repository', async () => {
    const path = await repositoryOf(join(home.path, 'dirty'), {
      '.circleci/config.yml':
        'version: 2.1\njobs:\n  look:\n    machine: true\n    steps: [checkout, {run: {name: Look, command: "cat note.txt; ls"}}]\nworkflows: {w: {jobs: [look]}}\n',
      'note.txt': 'committed note\n',
      '.gitignore': 'secret.txt\n',
    });
    await write(path, { 'note.txt': 'changed note\n', 'fresh.txt': 'x\n', 'secret.txt': 'x\n' });
    const state = (): string =>
      git(path, 'status', '--porcelain') + git(path, 'for-each-ref') + git(path, 'count-objects');
    const before = state();
    const ran = cli(['run', '--dirty'], { cwd: path, env: { TMPDIR: temporary } });
    expect(await ran.ended()).toBe(0);
    expect(ran.stdout()).toContain('[look] Look > changed note\n');
    expect(ran.stdout()).toContain('[look] Look > fresh.txt\n');
    expect(ran.stdout()).not.toContain('Look > secret.txt');
    expect(state()).toBe(before);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends it with 130 and nothing is left running',
    async (signal) => {
      const marker = randomUUID();
      const path = await repositoryOf(join(home.path, `slow-${signal}`), {
        '.circleci/config.yml': `version: 2.1\njobs:\n  slow:\n    machine: true\n    environment: {MARKER: "${marker}"}\n    steps: [{run: {name: Wait, command: "echo waiting; sleep 600"}}]\nworkflows: {w: {jobs: [slow]}}\n`,
      });
      const ran = run(path);
      await until('the step runs', () => ran.stdout().includes('[slow] Wait > waiting\n'));
      expect((await processesWith(marker)).length).toBeGreaterThan(0);
      expect((await processesWith(temporary)).length).toBeGreaterThan(0);
      ran.child.kill(signal);
      expect(await ran.ended(20_000)).toBe(130);
      expect(ran.stderr()).toContain('rotunda: interrupted\n');
      await until('all processes are gone', async () => (await processesWith(marker)).length === 0, 5_000);
      expect(await processesWith(temporary)).toEqual([]);
      expect(await readdir(temporary)).toEqual([]);
    },
  );
});

describe('rotunda run, asked for what cannot be', () => {
  const refused = async (args: string[], text: string): Promise<void> => {
    const ran = run(...args);
    expect([await ran.ended(), ran.stderr(), ran.stdout()]).toEqual([2, `rotunda: ${text}\n`, '']);
    expect(await readdir(temporary)).toEqual([]);
  };

  test('a directory outside of any repository', async () => {
    const bare = join(home.path, 'plain');
    await mkdir(bare);
    await refused([bare], `${bare} is not in a Git repository`);
  });

  test('no config in the last commit', async () => {
    const path = await repositoryOf(join(home.path, 'unconfigured'), { 'a.txt': 'a\n' });
    await refused(
      [path],
      `${path} has no .circleci/config.yml in its last commit (--dirty takes what is not committed too)`,
    );
  });

  test('an unknown workflow or job', async () => {
    await refused(
      [repository, '--workflow', 'ugly'],
      'the config has no workflow "ugly": there is good, bad',
    );
    await refused(
      [repository, '--workflow', 'good', '--job', 'fly'],
      'the config has no job "fly": there is greet, after',
    );
  });

  test('a mistake in the config: file, line and column', async () => {
    const path = await repositoryOf(join(home.path, 'mistaken'), {
      '.circleci/config.yml':
        'version: 2.1\njobs:\n  one:\n    machine: true\n    steps:\n      - say: hello\nworkflows: {w: {jobs: [one]}}\n',
    });
    const ran = run(path);
    expect(await ran.ended()).toBe(2);
    expect(ran.stderr()).toMatch(/^rotunda: \.circleci\/config\.yml:\d+:\d+: /);
    expect(ran.stdout()).toBe('');
  });

  test('a parameter that is none', async () => {
    await refused([repository, '--param', 'who'], '--param who: write it as name=value');
  });
});

describe('rotunda config', () => {
  test('validate and process a good config', async () => {
    const file = join(repository, '.circleci/config.yml');
    const validated = cli(['config', 'validate', file]);
    expect([await validated.ended(), validated.stdout()]).toEqual([0, `Config file at ${file} is valid.\n`]);
    const processed = cli(['config', 'process', file]);
    expect(await processed.ended()).toBe(0);
    expect(processed.stdout()).toContain('        command: echo hello world; cat note.txt\n');
  });

  test('a wrong one: the exact error with its place, exit code 2', async () => {
    const file = join(home.path, 'wrong.yml');
    await writeFile(file, 'version: 3\njobs: {}\n');
    for (const command of ['validate', 'process']) {
      const ran = cli(['config', command, file]);
      expect([await ran.ended(), ran.stdout(), ran.stderr()]).toEqual([
        2,
        '',
        `${file}:1:10: Unsupported or missing workflows config version\n`,
      ]);
    }
  });
});
