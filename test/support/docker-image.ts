// The image that the Docker tests run in, made on this machine: tests pull nothing. And whether there is an engine.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import tar from 'tar-stream';

const run = promisify(execFile);

export const TEST_IMAGE = 'rotunda-test:1';
export const SHELL_IMAGE = 'rotunda-shell:1';
const SHELL_PROGRAMS = ['sh', 'cat', 'chown', 'mkdir', 'mv', 'rm', 'sleep', 'tr', 'wc'];
const BUILD_MS = 300_000;

/** Whether a Docker engine answers within 2 s. */
export async function dockerAvailable(): Promise<boolean> {
  try {
    await new Docker({ timeout: 2000 }).ping();
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether tests that need the engine can run. When they cannot, that is said loudly; with ROTUNDA_REQUIRE_DOCKER=1 it
 * is an error instead.
 */
export async function dockerForTests(suite: string): Promise<boolean> {
  if (await dockerAvailable()) return true;
  if (process.env['ROTUNDA_REQUIRE_DOCKER'] === '1') {
    throw new Error(`${suite}: no Docker engine answers, and ROTUNDA_REQUIRE_DOCKER=1 asks for one`);
  }
  console.warn(`\n*** NOT TESTED: ${suite}. No Docker engine answers. ***\n`);
  return false;
}

/** Makes the image unless the engine has it (about 25 s, once per machine), and returns its name. Needs mmdebstrap. */
export function ensureTestImage(name = TEST_IMAGE): Promise<string> {
  return ensureImage(name, buildImage);
}

/** Makes an image with BusyBox, whose shell brings its programs along, and nothing else. Needs apt-get and dpkg-deb. */
export function ensureShellImage(name = SHELL_IMAGE): Promise<string> {
  return ensureImage(name, buildShellImage);
}

async function ensureImage(
  name: string,
  build: (docker: Docker, name: string) => Promise<void>,
): Promise<string> {
  const lock = join(tmpdir(), `${name.replace(/\W/g, '-')}.lock`);
  const docker = new Docker();
  const end = Date.now() + 2 * BUILD_MS;
  while (!(await hasImage(docker, name))) {
    if (await takeLock(lock)) {
      try {
        if (!(await hasImage(docker, name))) await build(docker, name);
      } finally {
        await rm(lock, { recursive: true, force: true });
      }
    } else if (Date.now() > end)
      throw new Error(`waited too long for another process to make ${name} (${lock})`);
    else await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return name;
}

async function hasImage(docker: Docker, name: string): Promise<boolean> {
  try {
    await docker.getImage(name).inspect();
    return true;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return false;
    throw error;
  }
}

/** Making a directory either succeeds for one process only or fails. A lock whose process has gone is taken over. */
async function takeLock(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    await writeFile(join(lock, 'pid'), String(process.pid));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const pid = Number(await readFile(join(lock, 'pid'), 'utf8').catch(() => ''));
  if (pid > 0 && !isAlive(pid)) await rm(lock, { recursive: true, force: true });
  return false;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function buildImage(docker: Docker, name: string): Promise<void> {
  const packages = 'git,ca-certificates,curl,procps';
  const args = ['--variant=minbase', `--include=${packages}`, '--format=tar', 'bookworm', '-'];
  const child = spawn('mmdebstrap', args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: BUILD_MS });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
  const ended = once(child, 'close') as Promise<[number | null]>;
  const [repo, tag] = name.split(':');
  // An import that breaks off makes no image: the engine tags it at the end of the archive only.
  // dockerode takes a stream as well as a file name; its types do not say so.
  const importing = docker.importImage(child.stdout as unknown as string, {
    repo,
    tag,
  }) as Promise<NodeJS.ReadableStream>;
  const [[code], answer] = await Promise.all([ended, importing]);
  for await (const chunk of answer) if (String(chunk).includes('"error"')) said += String(chunk);
  if (code !== 0 || !(await hasImage(docker, name))) {
    if (code !== 0)
      await docker
        .getImage(name)
        .remove({ force: true })
        .catch(() => undefined);
    throw new Error(`cannot make ${name} with mmdebstrap (code ${code}):\n${said}`);
  }
}

async function buildShellImage(docker: Docker, name: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'rotunda-shell-'));
  const options = { cwd: directory, timeout: BUILD_MS };
  try {
    await run('apt-get', ['download', 'busybox-static'], options);
    const [archive] = await readdir(directory);
    await run('dpkg-deb', ['--extract', archive!, '.'], options);
    const pack = tar.pack();
    const busybox = await readFile(join(directory, 'bin/busybox'));
    for (const path of ['bin/', 'etc/', 'root/']) pack.entry({ name: path, type: 'directory', mode: 0o755 });
    pack.entry({ name: 'tmp/', type: 'directory', mode: 0o1777 });
    pack.entry({ name: 'bin/busybox', mode: 0o755 }, busybox);
    for (const program of SHELL_PROGRAMS)
      pack.entry({ name: `bin/${program}`, type: 'symlink', linkname: 'busybox' });
    pack.entry({ name: 'etc/passwd', mode: 0o644 }, 'root:x:0:0:root:/root:/bin/sh\n');
    pack.finalize();
    const [repo, tag] = name.split(':');
    const answer = (await docker.importImage(pack as unknown as string, {
      repo,
      tag,
    })) as unknown as AsyncIterable<Buffer>;
    let said = '';
    for await (const chunk of answer) said += String(chunk);
    if (!(await hasImage(docker, name))) throw new Error(`cannot make ${name}: ${said}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
