// The data directory is held by one server process at a time, and a secret kept in it stays.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holdDataDirectory, keptSecret } from './data-directory.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rotunda-hold-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const [lock, note] = ['server.lock', 'server.pid'];

/** Another process that has the directory: it listens where a server would. */
async function otherServer(): Promise<ChildProcess> {
  const script = `require('node:net').createServer().listen('${lock}', () => console.log('listening'))`;
  const child = spawn(process.execPath, ['-e', script], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout!, 'data');
  await writeFile(join(directory, note), `${child.pid}\n`);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const end = once(child, 'exit');
  child.kill('SIGKILL');
  await end;
}

describe('holdDataDirectory', () => {
  it('makes the directory, notes the process and frees it again', async () => {
    const path = join(directory, 'new', 'data');
    const held = await holdDataDirectory(path);
    expect(await readFile(join(path, note), 'utf8')).toBe(`${process.pid}\n`);
    await held.release();
    expect(await readdir(path)).toEqual([]);
    await (await holdDataDirectory(path)).release();
  });

  it('refuses a directory that a living server has, and names its process', async () => {
    const other = await otherServer();
    try {
      await expect(holdDataDirectory(directory)).rejects.toThrow(
        `the data directory ${directory} is in use by the running server with process id ${other.pid}`,
      );
      expect(await readFile(join(directory, note), 'utf8')).toBe(`${other.pid}\n`);
      expect((await readdir(directory)).sort()).toEqual([lock, note]);
    } finally {
      await kill(other);
    }
  });

  it('refuses it when the living server has the same process id, in another container', async () => {
    const held = await holdDataDirectory(directory);
    await expect(holdDataDirectory(directory)).rejects.toThrow('is in use by the running server');
    await held.release();
  });

  it('takes over from a killed server, also when its process id belongs to another program now', async () => {
    const other = await otherServer();
    await kill(other);
    await writeFile(join(directory, note), `${process.ppid}\n`);
    const held = await holdDataDirectory(directory);
    expect(await readFile(join(directory, note), 'utf8')).toBe(`${process.pid}\n`);
    expect((await readdir(directory)).sort()).toEqual([lock, note]);
    await held.release();
  });

  it('goes to one of several that start at once over the lock of a killed server', async () => {
    for (let round = 0; round < 20; round += 1) {
      await kill(await otherServer());
      const results = await Promise.allSettled(Array.from({ length: 2 }, () => holdDataDirectory(directory)));
      const held = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      expect(held.length).toBe(1);
      await held[0]!.release();
      expect(await readdir(directory)).toEqual([]);
    }
  }, 60_000);

  // Elsewhere such a path is refused by the system.
  (process.platform === 'linux' ? it : it.skip)(
    'holds a directory whose path is longer than that of a socket may be',
    async () => {
      const path = join(directory, ...Array.from({ length: 20 }, () => 'deep-below-the-root'));
      const held = await holdDataDirectory(path);
      await expect(holdDataDirectory(path)).rejects.toThrow('is in use');
      await held.release();
    },
  );
});

describe('keptSecret', () => {
  it('is made once, readable by its owner only, and kept while it is good', async () => {
    const path = join(directory, 'secret');
    let made = 0;
    const make = async (): Promise<string> => `secret-${++made}`;
    expect(await keptSecret(path, make, async () => true)).toBe('secret-1');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await keptSecret(path, make, async (secret) => secret === 'secret-1')).toBe('secret-1');
    expect(await keptSecret(path, make, async () => false)).toBe('secret-2');
    expect((await readFile(path, 'utf8')).trim()).toBe('secret-2');
  });
});
