// The directory adapter: the contract, and what only a directory can get wrong.
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

import { blobStoreContract } from './blob-store.contract.js';
import { trailerOf } from './blob-trailer.js';
import { DirectoryBlobStore } from './directory-blob-store.js';

const roots: string[] = [];
async function newRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'blobs-'));
  roots.push(root);
  return root;
}
afterAll(async () => {
  for (const root of roots) await rm(root, { recursive: true, force: true });
});

blobStoreContract('directory', async () => DirectoryBlobStore.open(await newRoot()));
blobStoreContract('directory with fsync', async () =>
  DirectoryBlobStore.open(await newRoot(), { fsync: true }),
);

describe('directory blob store', () => {
  let root: string;
  let store: DirectoryBlobStore;
  beforeEach(async () => {
    root = await newRoot();
    store = await DirectoryBlobStore.open(root);
  });

  test('does not leave the root through planted links', async () => {
    const outside = await newRoot();
    const other = await DirectoryBlobStore.open(outside);
    await other.put('secret', Buffer.from('secret'));
    await symlink(join(outside, 'blobs'), join(root, 'blobs', 'out.d'));
    await symlink(join(outside, 'blobs', 'secret.b'), join(root, 'blobs', 'leaf.b'));
    await expect(store.get('out/secret')).rejects.toMatchObject({ code: 'BLOB.NOT_FOUND' });
    await expect(store.get('leaf')).rejects.toMatchObject({ code: 'BLOB.NOT_FOUND' });
    expect(await store.stat('out/secret')).toBeUndefined();
    expect(await store.list('out/')).toEqual([]);
    await expect(store.put('out/planted', Buffer.from('x'))).rejects.toThrow('link');
    await expect(store.put('out/deep/planted', Buffer.from('x'))).rejects.toThrow('link');
    await store.delete('out/secret');
    await store.deletePrefix('out/');
    await store.put('leaf', Buffer.from('mine'));
    expect(await readdir(join(outside, 'blobs'))).toEqual(['secret.b']);
    expect((await other.stat('secret'))?.size).toBe(6);
  });

  test('a directory that holds a link is removed without what the link points to', async () => {
    const outside = await newRoot();
    await writeFile(join(outside, 'precious'), 'x');
    await store.put('a/b', Buffer.from('x'));
    await symlink(outside, join(root, 'blobs', 'a.d', 'link.d'));
    expect(await store.list('a/')).toEqual(['a/b']);
    await store.deletePrefix('a/');
    expect(await readFile(join(outside, 'precious'), 'utf8')).toBe('x');
  });

  test('refuses a root whose tree is a link', async () => {
    const other = await newRoot();
    await symlink(root, join(other, 'blobs'));
    await expect(DirectoryBlobStore.open(other)).rejects.toThrow('link');
  });

  describe('adopting files', () => {
    const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest();
    const bytes = Buffer.from('content');
    let path: string;
    beforeEach(async () => {
      path = join(await newRoot(), 'file');
      await writeFile(path, Buffer.concat([bytes, trailerOf(bytes.length, hash(bytes))]));
    });

    test('a whole file becomes a blob, and stays where it was', async () => {
      expect(await store.adopt('a/b', path)).toEqual({
        ...{ key: 'a/b', size: bytes.length, sha256: hash(bytes).toString('hex') },
      });
      await rm(path);
      expect(await text(await store.get('a/b'))).toBe('content');
      await store.delete('a/b');
      expect(await store.stat('a/b')).toBeUndefined();
    });

    test('nothing else does: torn and missing files, links, directories, pipes', async () => {
      const directory = join(path, '..');
      await writeFile(join(directory, 'torn'), bytes);
      await symlink(path, join(directory, 'link'));
      await promisify(execFile)('mkfifo', [join(directory, 'pipe')]);
      for (const name of ['torn', 'missing', 'link', '.', 'pipe']) {
        await expect(store.adopt('a/b', join(directory, name))).rejects.toMatchObject({
          code: 'BLOB.NOT_ADOPTABLE',
        });
      }
      expect(await store.list('a/')).toEqual([]);
      expect(await readdir(join(root, 'tmp'))).toEqual([]);
    });
  });

  test('a torn file counts as absent', async () => {
    await store.put('torn', Buffer.alloc(100));
    await truncate(join(root, 'blobs', 'torn.b'), 90);
    expect(await store.stat('torn')).toBeUndefined();
    await expect(store.get('torn')).rejects.toMatchObject({ code: 'BLOB.NOT_FOUND' });
    await truncate(join(root, 'blobs', 'torn.b'), 10);
    expect(await store.stat('torn')).toBeUndefined();
  });

  test('sweeps old temporary files when opened and leaves those of living writers', async () => {
    const old = new Date(Date.now() - 2 * 3_600_000);
    await writeFile(join(root, 'tmp', 'old'), 'x');
    await mkdir(join(root, 'tmp', 'old-directory'));
    await writeFile(join(root, 'tmp', 'young'), 'x');
    await utimes(join(root, 'tmp', 'old'), old, old);
    await utimes(join(root, 'tmp', 'old-directory'), old, old);
    await DirectoryBlobStore.open(root);
    expect(await readdir(join(root, 'tmp'))).toEqual(['young']);
  });

  test('leaves neither temporary files nor empty directories', async () => {
    await store.put('a/b/c', Buffer.from('x'));
    await store.put('a/d', Readable.from(['x']));
    await expect(store.put('a/e', Buffer.alloc(9), { limit: 1 })).rejects.toThrow();
    await store.delete('a/b/c');
    await store.deletePrefix('a/');
    expect(await readdir(join(root, 'tmp'))).toEqual([]);
    expect(await readdir(join(root, 'blobs'))).toEqual([]);
  });

  test('asks the source for no more than it can write', async () => {
    let produced = 0;
    const source = Readable.from(
      (function* () {
        for (let i = 0; i < 50; i++) {
          produced++;
          yield Buffer.alloc(1000);
        }
      })(),
      { highWaterMark: 1 },
    );
    await expect(store.put('x', source, { limit: 5000 })).rejects.toThrow();
    expect(produced).toBeLessThan(12);
  });
});
