// The data directory is held by one server process at a time, and a secret kept in it stays.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holdDataDirectory, keptSecret } from './data-directory.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rotunda-hold-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** A Node process that lives until it is killed. */
async function otherServer(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  await once(child, 'spawn');
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
    expect(await readFile(join(path, 'server.pid'), 'utf8')).toBe(`${process.pid}\n`);
    await held.release();
    await expect(stat(join(path, 'server.pid'))).rejects.toThrow('ENOENT');
  });

  it('refuses a directory that a living server has, and names its process', async () => {
    const other = await otherServer();
    try {
      await writeFile(join(directory, 'server.pid'), `${other.pid}\n`);
      await expect(holdDataDirectory(directory)).rejects.toThrow(
        `the data directory ${directory} is in use by the running server with process id ${other.pid}`,
      );
      expect(await readFile(join(directory, 'server.pid'), 'utf8')).toBe(`${other.pid}\n`);
    } finally {
      await kill(other);
    }
  });

  it('takes over from a killed server', async () => {
    const other = await otherServer();
    await kill(other);
    await writeFile(join(directory, 'server.pid'), `${other.pid}\n`);
    const held = await holdDataDirectory(directory);
    expect(await readFile(join(directory, 'server.pid'), 'utf8')).toBe(`${process.pid}\n`);
    await held.release();
  });

  it.each(['', 'nonsense', '-1', '0'])('takes over from a note that says "%s"', async (note) => {
    await writeFile(join(directory, 'server.pid'), note);
    await (await holdDataDirectory(directory)).release();
  });
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
