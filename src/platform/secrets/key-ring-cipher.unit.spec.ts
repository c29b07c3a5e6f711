// The key ring in a file: the contract, its making and what is wrong with one.
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyRingCipher } from './key-ring-cipher.js';
import { secretCipherContract } from './secret-cipher.contract.js';

const directories: string[] = [];
let directory: string;
async function newDirectory(): Promise<string> {
  directories.push(await mkdtemp(join(tmpdir(), 'keys-')));
  return directories.at(-1)!;
}
beforeEach(async () => {
  directory = await newDirectory();
});
afterAll(async () => {
  for (const each of directories) await rm(each, { recursive: true, force: true });
});

secretCipherContract('key ring', async () => KeyRingCipher.at(join(await newDirectory(), 'keys.json')));

describe('the file', () => {
  it('is made once, for its owner only, also when several begin at once', async () => {
    const path = join(directory, 'keys.json');
    const [first, ...others] = await Promise.all(Array.from({ length: 5 }, () => KeyRingCipher.at(path)));
    const sealed = await first!.seal('x', 'a');
    for (const other of others) expect(await other.open(sealed, 'a')).toBe('x');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toEqual(['keys.json']);
  });

  it('may have more keys: the primary one seals, all open', async () => {
    const path = join(directory, 'keys.json');
    const old = await (await KeyRingCipher.at(path)).seal('x', 'a');
    const ring = JSON.parse(await readFile(path, 'utf8')) as { keys: Record<string, string> };
    const keys = { ...ring.keys, next: Buffer.alloc(32, 7).toString('base64') };
    await writeFile(path, JSON.stringify({ primary: 'next', keys }));
    const cipher = await KeyRingCipher.at(path);
    expect(await cipher.open(old, 'a')).toBe('x');
    expect(await cipher.seal('x', 'a')).toMatch(/^v1:next:/);
  });

  it.each([
    ['canary', 'it is not JSON of that form'],
    [JSON.stringify({ primary: 'a', keys: {} }), 'the primary key is not among the keys'],
    [JSON.stringify({ primary: 'a', keys: { a: 'Y2FuYXJ5' } }), 'each key has 32 bytes'],
  ])('%s is refused in words that show nothing of it', async (text, reason) => {
    const path = join(directory, 'keys.json');
    await writeFile(path, text);
    const error = await KeyRingCipher.at(path).catch((thrown: unknown) => thrown as Error);
    expect((error as Error).message).toBe(`${path} is not a key ring: ${reason}`);
  });
});
