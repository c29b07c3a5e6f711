// The image that the Docker tests run in, made on this machine: tests pull nothing. And whether there is an engine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';

export const TEST_IMAGE = 'rotunda-test:1';
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
export async function ensureTestImage(name = TEST_IMAGE): Promise<string> {
  const lock = join(tmpdir(), `${name.replace(/\W/g, '-')}.lock`);
  const docker = new Docker();
  const end = Date.now() + 2 * BUILD_MS;
  while (!(await hasImage(docker, name))) {
    if (await takeLock(lock)) {
      try {
        if (!(await hasImage(docker, name))) await buildImage(docker, name);
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
