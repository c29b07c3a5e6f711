// Git through real repositories: local ones, ones behind a server, broken and hostile ones.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

import { InvalidInputError, NotFoundError } from '../../../platform/errors/errors.js';
import { type GitHttpServer, startGitHttpServer } from './git-http-server.fixture.js';
import { GitRepositories } from './git-repositories.js';

const root = mkdtempSync(join(tmpdir(), 'git-spec-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
const fresh = (name: string): string => {
  const path = join(root, `${name}-${count++}`);
  mkdirSync(path);
  return path;
};

const identity = [
  '-c',
  'user.name=Ann Author',
  '-c',
  'user.email=ann@example.com',
  '-c',
  'commit.gpgsign=false',
];
function git(cwd: string, ...args: string[]): string {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
  return execFileSync('git', [...identity, ...args], { cwd, env, encoding: 'utf8', stdio: 'pipe' }).trim();
}
function commitFile(cwd: string, path: string, content: string, message = `change ${path}`): string {
  mkdirSync(join(cwd, path, '..'), { recursive: true });
  writeFileSync(join(cwd, path), content);
  git(cwd, 'add', '--all');
  git(cwd, 'commit', '--quiet', '-m', message);
  return git(cwd, 'rev-parse', 'HEAD');
}
function newSource(): string {
  const path = fresh('source');
  git(path, 'init', '--quiet', '--initial-branch=main');
  return path;
}
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: { code?: string }) => error.code ?? error,
  );

let source: string;
let first: string;
let repositories: GitRepositories;
let mirrors: string;
beforeEach(() => {
  source = newSource();
  first = commitFile(
    source,
    '.circleci/config.yml',
    'version: 2.1\n',
    'Subject\ngoes on\n\nBody 1\n\nBody 2\n',
  );
  mirrors = fresh('mirrors');
  repositories = new GitRepositories({ mirrorDirectory: mirrors, timeoutMs: 30_000 });
});

describe('resolving and reading', () => {
  test('a working copy: branch, commit and file at once', async () => {
    const opened = await repositories.open(source, { branch: 'main' }, '.circleci/config.yml');
    expect(opened).toEqual({
      revision: first,
      branch: 'main',
      commit: {
        ...{ subject: 'Subject goes on', body: 'Body 1\n\nBody 2' },
        ...{ authorName: 'Ann Author', authorEmail: 'ann@example.com' },
        committedAt: new Date(Number(git(source, 'show', '-s', '--format=%ct')) * 1000).toISOString(),
      },
      file: Buffer.from('version: 2.1\n'),
    });
  });

  test('follows the branch, and still knows the commits that were on it', async () => {
    await repositories.resolve(source, { branch: 'main' });
    const second = commitFile(source, 'a', 'a');
    expect(await repositories.resolve(source, { branch: 'main' })).toEqual({
      revision: second,
      branch: 'main',
    });
    git(source, 'reset', '--quiet', '--hard', first);
    const third = commitFile(source, 'b', 'b');
    expect(await repositories.resolve(source, {})).toEqual({ revision: third, branch: 'main' });
    expect((await repositories.readFile(source, second, 'a'))?.toString()).toBe('a');
  });

  test('tags, annotated ones too, and branches with slashes, packed or not', async () => {
    git(source, 'tag', 'light');
    git(source, 'tag', '-a', 'v1.0', '-m', 'one');
    git(source, 'branch', 'feature/a.b');
    for (const packed of [false, true]) {
      if (packed) git(source, 'pack-refs', '--all');
      const other = new GitRepositories({ mirrorDirectory: fresh('mirrors') });
      expect(await other.resolve(source, { tag: 'v1.0' })).toEqual({ revision: first, tag: 'v1.0' });
      expect(await other.resolve(source, { tag: 'light' })).toEqual({ revision: first, tag: 'light' });
      expect((await other.resolve(source, { branch: 'feature/a.b' })).revision).toBe(first);
      expect((await other.open(source, { tag: 'v1.0' }, '.circleci/config.yml')).file?.toString()).toBe(
        'version: 2.1\n',
      );
    }
  });

  test('revisions, whole and short, with their labels', async () => {
    expect(await repositories.resolve(source, { revision: first.slice(0, 8), branch: 'x' })).toEqual({
      revision: first,
      branch: 'x',
    });
    const second = commitFile(source, 'a', 'a');
    expect(await repositories.resolve(source, { revision: second.toUpperCase() })).toEqual({
      revision: second,
    });
  });

  test('a commit that no branch leads to is fetched by its id', async () => {
    const lost = commitFile(source, 'lost', 'x');
    git(source, 'reset', '--quiet', '--hard', first);
    expect((await repositories.readFile(source, lost, 'lost'))?.toString()).toBe('x');
    const { stream } = await repositories.sourceTar(source, { revision: lost, originUrl: source });
    const target = await unpack(stream);
    expect(git(target, 'rev-parse', 'HEAD')).toBe(lost);
  });

  test('bare repositories, file URLs, further work trees', async () => {
    const bare = fresh('bare');
    git(bare, 'clone', '--quiet', '--bare', source, '.');
    const tree = join(fresh('trees'), 'tree');
    git(source, 'worktree', 'add', '--quiet', '-b', 'other', tree);
    const second = commitFile(tree, 'a', 'a');
    expect((await repositories.resolve(bare, {})).revision).toBe(first);
    expect((await repositories.resolve(`file://${bare}`, { branch: 'main' })).revision).toBe(first);
    expect(await repositories.resolve(tree, {})).toEqual({ revision: second, branch: 'other' });
    expect(await repositories.defaultBranch(source)).toBe('main');
    expect(await repositories.defaultBranch(tree)).toBe('other');
  });

  test('files: binary content, none at the path, a directory', async () => {
    const bytes = Buffer.from([0, 255, 10, 13, 0, 10]);
    writeFileSync(join(source, 'binary'), bytes);
    writeFileSync(join(source, 'empty'), '');
    const revision = commitFile(source, 'with space ü', 'x');
    expect((await repositories.readFile(source, revision, 'binary'))?.equals(bytes)).toBe(true);
    expect(await repositories.readFile(source, revision, 'empty')).toEqual(Buffer.alloc(0));
    expect((await repositories.readFile(source, revision, 'with space ü'))?.toString()).toBe('x');
    expect(await repositories.readFile(source, revision, 'none')).toBeUndefined();
    expect(await repositories.readFile(source, revision, '.circleci')).toBeUndefined();
    expect(await repositories.commit(source, revision)).toMatchObject({
      subject: 'change with space ü',
      body: '',
    });
  });

  test('a commit in another encoding', async () => {
    const message = join(fresh('message'), 'text');
    writeFileSync(message, Buffer.from('caf\xe9', 'latin1'));
    git(source, '-c', 'i18n.commitEncoding=ISO-8859-1', 'commit', '--quiet', '--allow-empty', '-F', message);
    expect((await repositories.commit(source, git(source, 'rev-parse', 'HEAD'))).subject).toBe('café');
  });

  test('many at once, between commits, all find what was there when they asked', async () => {
    const asked: Promise<void>[] = [];
    for (let i = 0; i < 12; i++) {
      const revision = commitFile(source, `f${i}`, `${i}`);
      asked.push(
        repositories.open(source, { revision }, `f${i}`).then((opened) => {
          expect(opened.revision).toBe(revision);
          expect(opened.file?.toString()).toBe(`${i}`);
        }),
      );
      if (i % 3 === 0) await asked.at(-1);
    }
    await Promise.all(asked);
    const others = Array.from({ length: 20 }, () => repositories.resolve(source, { branch: 'main' }));
    expect(new Set((await Promise.all(others)).map((ref) => ref.revision)).size).toBe(1);
  });

  test('a source of another user', async () => {
    // Only the superuser can give files away; others have the owner check passed anyway.
    if (process.getuid?.() === 0) execFileSync('chown', ['-R', '65534:65534', source]);
    expect((await repositories.resolve(source, { branch: 'main' })).revision).toBe(first);
    if (process.getuid?.() === 0) execFileSync('chown', ['-R', '0:0', source]);
  });

  test('a lock that a crash left is removed, when it is old', async () => {
    await repositories.resolve(source, {});
    const second = commitFile(source, 'a', 'a');
    const mirror = join(
      mirrors,
      readdirSync(mirrors).find((name) => name.endsWith('.git'))!,
    );
    writeFileSync(join(mirror, 'refs/heads/main.lock'), '');
    execFileSync('touch', ['-d', '1 hour ago', join(mirror, 'refs/heads/main.lock')]);
    expect((await repositories.resolve(source, {})).revision).toBe(second);
  });
});

describe('what is refused', () => {
  test('things that are not there are named', async () => {
    const none = join(root, 'none');
    const file = fresh('plain');
    for (const path of [none, file]) {
      expect(await codeOf(repositories.resolve(path, {}))).toBe('GIT.NOT_A_REPOSITORY');
      expect(await codeOf(repositories.resolve(path, { revision: first }))).toBe('GIT.NOT_A_REPOSITORY');
    }
    await expect(repositories.resolve(source, { branch: 'nope' })).rejects.toThrow(
      new NotFoundError('GIT.BRANCH_NOT_FOUND', `Repository "${source}" has no branch "nope".`),
    );
    expect(await codeOf(repositories.resolve(source, { branch: 'nope' }))).toBe('GIT.BRANCH_NOT_FOUND');
    expect(await codeOf(repositories.resolve(source, { tag: 'nope' }))).toBe('GIT.TAG_NOT_FOUND');
    for (const revision of ['0'.repeat(40), 'abcdef0', git(source, 'rev-parse', 'HEAD^{tree}')]) {
      expect(await codeOf(repositories.resolve(source, { revision }))).toBe('GIT.REVISION_NOT_FOUND');
    }
  });

  test('an empty repository', async () => {
    const empty = newSource();
    for (const ref of [{}, { branch: 'main' }, { tag: 'v1' }]) {
      expect(await codeOf(repositories.resolve(empty, ref))).toBe('GIT.EMPTY_REPOSITORY');
    }
    expect(await codeOf(repositories.defaultBranch(empty))).toBe('GIT.EMPTY_REPOSITORY');
  });

  test.each([
    '--upload-pack=x',
    '-x',
    'a..b',
    'a b',
    'a:b',
    '../x',
    'a/../b',
    'a.lock',
    '@',
    'a@{1}',
    '/a',
    'a/',
    '',
    'a\nb',
    'a*',
  ])('the ref name %j', async (name) => {
    expect(await codeOf(repositories.resolve(source, { branch: name }))).toBe('GIT.REF_INVALID');
    expect(await codeOf(repositories.resolve(source, { tag: name }))).toBe('GIT.REF_INVALID');
  });

  test.each(['HEAD', '--all', 'main', 'abc', `${'a'.repeat(40)}\n`, 'HEAD~1'])(
    'the revision %j',
    async (revision) => {
      expect(await codeOf(repositories.resolve(source, { revision }))).toBe('GIT.REVISION_INVALID');
    },
  );

  test.each(['/etc/passwd', '../x', 'a/../b', './a', 'a//b', '', 'a\nb', 'a/'])(
    'the path %j',
    async (path) => {
      expect(await codeOf(repositories.readFile(source, first, path))).toBe('GIT.PATH_INVALID');
    },
  );

  test.each([
    '',
    'x',
    './x',
    '-x',
    '--upload-pack=touch /x',
    'ftp://h/x',
    'ssh://-oProxyCommand=x/y',
    '-oProxyCommand=x:y',
    'u@-h:x',
  ])('the address %j', async (url) => {
    expect(await codeOf(repositories.resolve(url, {}))).toBe('GIT.URL_INVALID');
  });

  test('addresses that would run a program do not run it', async () => {
    const proof = join(root, 'proof');
    for (const url of [
      `ext::sh -c touch% ${proof}`,
      `ext::touch ${proof}`,
      'fd::17',
      'transport::http://h/x',
    ]) {
      expect(await codeOf(repositories.resolve(url, {}))).toBe('GIT.URL_INVALID');
    }
    expect(existsSync(proof)).toBe(false);
  });

  test('the configuration and the hooks of a source do not run programs', async () => {
    const proof = join(root, 'proof');
    for (const key of [
      'core.fsmonitor',
      'core.sshCommand',
      'uploadpack.packObjectsHook',
      'core.pager',
      'diff.external',
    ]) {
      git(source, 'config', key, `touch ${proof}; false`);
    }
    const hook = join(source, '.git/hooks/post-checkout');
    mkdirSync(join(source, '.git/hooks'), { recursive: true });
    writeFileSync(hook, `#!/bin/sh\ntouch ${proof}\n`);
    chmodSync(hook, 0o755);
    const { revision } = await repositories.resolve(source, {});
    await unpack((await repositories.sourceTar(source, { revision, originUrl: source })).stream);
    expect(existsSync(proof)).toBe(false);
  });

  test('passwords of addresses do not show', async () => {
    const server = createServer((socket) =>
      socket.end('HTTP/1.1 401 no\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n'),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const url = `http://ann:hunter22@127.0.0.1:${port}/x.git?private_token=hunter33`;
    const error = (await repositories
      .resolve(url, {})
      .catch((thrown: unknown) => thrown)) as InvalidInputError;
    server.close();
    expect(error.code).toBe('GIT.ACCESS_DENIED');
    expect(`${error.message} ${error.stack}`).not.toMatch(/hunter|ann[:@]/);
    expect(error.message).toContain('127.0.0.1');
    const refused = (await repositories
      .resolve(url, {})
      .catch((thrown: unknown) => thrown)) as InvalidInputError;
    expect(refused.code).toBe('GIT.UNREACHABLE');
    expect(refused.message).not.toMatch(/hunter|ann[:@]/);
  });

  test('a host that does not answer costs the time limit and no more', async () => {
    const server = createServer(() => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const hasty = new GitRepositories({ mirrorDirectory: fresh('mirrors'), timeoutMs: 400 });
    const began = performance.now();
    expect(await codeOf(hasty.resolve(`git://127.0.0.1:${port}/x`, {}))).toBe('GIT.TIMEOUT');
    expect(performance.now() - began).toBeLessThan(10_000);
    server.close();
  });
});

describe('over the network', () => {
  let server: GitHttpServer;
  beforeAll(async () => {
    server = await startGitHttpServer(root);
  });
  afterAll(() => server.close());

  test('resolves, reads and makes a checkout', async () => {
    const url = server.url + source.slice(root.length);
    git(source, 'tag', '-a', 'v2', '-m', 'two');
    expect(await repositories.defaultBranch(url)).toBe('main');
    expect(await repositories.resolve(url, {})).toEqual({ revision: first, branch: 'main' });
    expect(await repositories.resolve(url, { tag: 'v2' })).toEqual({ revision: first, tag: 'v2' });
    const second = commitFile(source, 'a', 'a');
    const opened = await repositories.open(url, { branch: 'main' }, 'a');
    expect([opened.revision, opened.file?.toString()]).toEqual([second, 'a']);
    expect(await codeOf(repositories.resolve(url, { branch: 'nope' }))).toBe('GIT.BRANCH_NOT_FOUND');
    expect(await codeOf(repositories.resolve(url, { tag: 'nope' }))).toBe('GIT.TAG_NOT_FOUND');
    expect(await codeOf(repositories.resolve(url, { revision: '1'.repeat(40) }))).toBe(
      'GIT.REVISION_NOT_FOUND',
    );
    const target = await unpack(
      (await repositories.sourceTar(url, { revision: first, branch: 'main', originUrl: url })).stream,
    );
    expect(git(target, 'rev-parse', 'HEAD')).toBe(first);
    // Not in step with this process, which is the server.
    await promisify(execFile)('git', ['fetch', '--quiet'], { cwd: target, timeout: 30_000 });
    expect(git(target, 'rev-parse', 'origin/main')).toBe(second);
  });

  test('what is not there, denied or empty', async () => {
    expect(await codeOf(repositories.resolve(`${server.url}/none`, {}))).toBe('GIT.NOT_A_REPOSITORY');
    expect(await codeOf(repositories.resolve(`${server.url}/denied`, {}))).toBe('GIT.ACCESS_DENIED');
    expect(await codeOf(repositories.resolve('http://no-such-host.invalid/x', {}))).toBe('GIT.UNREACHABLE');
    const empty = newSource();
    expect(await codeOf(repositories.resolve(server.url + empty.slice(root.length), {}))).toBe(
      'GIT.EMPTY_REPOSITORY',
    );
  });
});

describe('checkouts', () => {
  test('a clone in which git works', async () => {
    const second = commitFile(source, 'src/a.txt', 'a\n');
    git(source, 'tag', 'v1');
    git(source, 'branch', 'other');
    const options = { revision: second, branch: 'feature/"x"', originUrl: source };
    git(source, 'branch', 'feature/"x"');
    const target = await unpack((await repositories.sourceTar(source, options)).stream);
    expect(readFileSync(join(target, 'src/a.txt'), 'utf8')).toBe('a\n');
    expect(git(target, 'diff-index', '--name-only', 'HEAD')).toBe('');
    expect(git(target, 'symbolic-ref', 'HEAD')).toBe('refs/heads/feature/"x"');
    expect(git(target, 'log', '--format=%H').split('\n')).toEqual([second, first]);
    expect(git(target, 'status', '--porcelain')).toBe('');
    expect(git(target, 'remote', 'get-url', 'origin')).toBe(source);
    expect(git(target, 'diff', '--stat', 'HEAD~1')).toContain('src/a.txt');
    expect(git(target, 'tag')).toBe('v1');
    expect(git(target, 'for-each-ref', '--format=%(refname)', 'refs/heads')).toBe('refs/heads/feature/"x"');
    expect(git(target, 'rev-parse', 'origin/other')).toBe(second);
    expect(git(target, 'fsck', '--full')).toBe('');
    commitFile(source, 'b', 'b');
    git(target, 'fetch', '--quiet', 'origin');
    expect(git(target, 'log', '--format=%s', '-1', 'origin/main')).toBe('change b');
    const { status, stdout } = spawnSync('grep', ['-rlF', mirrors, '.'], { cwd: target, encoding: 'utf8' });
    expect([status, stdout]).toEqual([1, '']);
  });

  test('detached without a branch', async () => {
    const target = await unpack(
      (await repositories.sourceTar(source, { revision: first, originUrl: 'https://h/x.git' })).stream,
    );
    expect(readFileSync(join(target, '.git/HEAD'), 'utf8').trim()).toBe(first);
    expect(git(target, 'remote', 'get-url', 'origin')).toBe('https://h/x.git');
    expect(git(target, 'for-each-ref', '--format=%(refname)', 'refs/heads')).toBe('');
  });

  test('nothing is left behind, also when nobody reads on', async () => {
    writeFileSync(join(source, 'large'), Buffer.alloc(5_000_000));
    const revision = commitFile(source, 'a', 'a');
    const whole = await repositories.sourceTar(source, { revision, originUrl: source });
    await unpack(whole.stream);
    await whole.ended;
    const cut = await repositories.sourceTar(source, { revision, originUrl: source });
    await once(cut.stream, 'readable');
    cut.stream.destroy();
    await cut.ended;
    expect(readdirSync(join(mirrors, 'tmp'))).toEqual([]);
    expect(
      await codeOf(repositories.sourceTar(source, { revision: '1'.repeat(40), originUrl: source })),
    ).toBe('GIT.REVISION_NOT_FOUND');
    expect(readdirSync(join(mirrors, 'tmp'))).toEqual([]);
  });
});

async function unpack(stream: NodeJS.ReadableStream): Promise<string> {
  const target = fresh('target');
  const file = `${target}.tar`;
  await pipeline(stream, createWriteStream(file));
  execFileSync('tar', ['-xf', file, '-C', target]);
  return target;
}
