// What every adapter of the blob port must do: called by the spec of each adapter.
import { describe, expect, test, beforeEach } from '@jest/globals';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';

import { InvalidInputError, NotFoundError } from '../errors/errors.js';
import type { BlobRange, BlobStore } from './blob-store.port.js';

/** Defines the suite. `open` gives an empty store for each test. */
export function blobStoreContract(adapter: string, open: () => Promise<BlobStore>): void {
  describe(`blob store contract: ${adapter}`, () => {
    let store: BlobStore;
    beforeEach(async () => {
      store = await open();
    });

    const text = async (key: string, range?: BlobRange) =>
      (await bytesOf(await store.get(key, range))).toString();
    const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

    test('gives back what was put, with size and hash', async () => {
      const info = await store.put('a/b.txt', Buffer.from('hello'));
      expect(info).toEqual({ key: 'a/b.txt', size: 5, sha256: sha256('hello') });
      expect(await store.stat('a/b.txt')).toEqual(info);
      expect(await text('a/b.txt')).toBe('hello');
    });

    test('takes a stream of many pieces, and an empty one', async () => {
      const pieces = Array.from({ length: 300 }, (_, i) => Buffer.alloc(10_000, i));
      const whole = Buffer.concat(pieces);
      const info = await store.put('big', Readable.from(pieces));
      expect(info).toEqual({ key: 'big', size: whole.length, sha256: sha256(whole) });
      expect((await bytesOf(await store.get('big'))).equals(whole)).toBe(true);
      expect(await store.put('empty', Readable.from([]))).toEqual({
        key: 'empty',
        size: 0,
        sha256: sha256(''),
      });
      expect(await text('empty')).toBe('');
    });

    test('reads ranges, cut to the size', async () => {
      await store.put('r', Buffer.from('0123456789'));
      expect(await text('r', { start: 3 })).toBe('3456789');
      expect(await text('r', { start: 3, end: 5 })).toBe('34');
      expect(await text('r', { start: 0, end: 1 })).toBe('0');
      expect(await text('r', { start: 8, end: 99 })).toBe('89');
      expect(await text('r', { start: 4, end: 4 })).toBe('');
      expect(await text('r', { start: 10 })).toBe('');
      expect(await text('r', { start: 50 })).toBe('');
      for (const range of [{ start: -1 }, { start: 5, end: 4 }, { start: 0.5 }]) {
        await expect(store.get('r', range)).rejects.toThrow(InvalidInputError);
      }
    });

    test('replaces a blob as a whole, and an open reader keeps the old content', async () => {
      const old = Buffer.alloc(3_000_000, 'o');
      await store.put('k', old);
      const reader = await store.get('k');
      await store.put('k', Buffer.from('new'));
      expect((await bytesOf(reader)).equals(old)).toBe(true);
      expect(await text('k')).toBe('new');
      expect((await store.stat('k'))?.sha256).toBe(sha256('new'));
    });

    test('stores nothing when the source fails, and keeps what was there', async () => {
      const failing = () =>
        Readable.from(
          (function* () {
            yield Buffer.alloc(100_000);
            throw new Error('source broke');
          })(),
        );
      await expect(store.put('x/new', failing())).rejects.toThrow('source broke');
      expect(await store.stat('x/new')).toBeUndefined();
      await store.put('x/old', Buffer.from('old'));
      await expect(store.put('x/old', failing())).rejects.toThrow('source broke');
      expect(await text('x/old')).toBe('old');
      const destroyed = Readable.from(['a']);
      destroyed.destroy();
      await expect(store.put('x/destroyed', destroyed)).rejects.toThrow();
      expect(await store.list('x/')).toEqual(['x/old']);
    });

    test('refuses more than the limit and stops the source', async () => {
      const source = Readable.from([Buffer.alloc(10), Buffer.alloc(10), Buffer.alloc(10)]);
      await expect(store.put('l', source, { limit: 15 })).rejects.toMatchObject({ code: 'BLOB.TOO_LARGE' });
      expect(source.destroyed).toBe(true);
      await expect(store.put('l', Buffer.alloc(16), { limit: 15 })).rejects.toThrow(InvalidInputError);
      expect(await store.stat('l')).toBeUndefined();
      expect((await store.put('l', Buffer.alloc(15), { limit: 15 })).size).toBe(15);
    });

    test('a blob that is not there', async () => {
      await expect(store.get('none')).rejects.toThrow(NotFoundError);
      expect(await store.stat('none')).toBeUndefined();
      await store.delete('none');
      await store.delete('none/deeper');
      await store.deletePrefix('none/');
      expect(await store.list('none/')).toEqual([]);
    });

    test('a key and keys below it can exist together', async () => {
      await store.put('a', Buffer.from('1'));
      await store.put('a/b', Buffer.from('2'));
      await store.put('a/b/c', Buffer.from('3'));
      expect([await text('a'), await text('a/b'), await text('a/b/c')]).toEqual(['1', '2', '3']);
      await store.delete('a/b');
      expect(await store.list('a/')).toEqual(['a/b/c']);
      expect(await text('a')).toBe('1');
    });

    test('lists in the order of the bytes, page by page', async () => {
      const long = 'n'.repeat(60);
      const names = ['b', 'a', 'a-b', 'a/x', 'a/y/z', 'a.b', 'a0', '\u00e9', '\uff5e', '\u{1f600}'];
      const deep = [
        long,
        `${long}/x`,
        `${long}-`,
        `${long}0`,
        'm'.repeat(59),
        `${'m'.repeat(59)}/q`,
        'p'.repeat(400),
      ];
      const keys = [...names, ...deep].map((name) => `p/${name}`);
      for (const key of [...keys, 'pa/other', 'q']) await store.put(key, Buffer.from(key));
      const sorted = keys.sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
      expect(await store.list('p/')).toEqual(sorted);
      const paged: string[] = [];
      for (let page = await store.list('p/', { limit: 4 }); page.length > 0;) {
        expect(page.length).toBeLessThanOrEqual(4);
        paged.push(...page);
        page = await store.list('p/', { after: page.at(-1)!, limit: 4 });
      }
      expect(paged).toEqual(sorted);
      expect(await store.list('p/', { after: 'p/a-', limit: 1 })).toEqual(['p/a-b']);
      for (const key of sorted) expect(await text(key)).toBe(key);
    });

    test('deletes what is under a prefix and nothing else', async () => {
      for (const key of ['t/1', 't/2/3', 't', 'tt/1', 'u']) await store.put(key, Buffer.from(key));
      await store.deletePrefix('t/');
      expect(await store.list('t/')).toEqual([]);
      expect(await text('t')).toBe('t');
      expect(await text('tt/1')).toBe('tt/1');
      await store.delete('t');
      expect(await store.stat('t')).toBeUndefined();
      await store.put('t/1', Buffer.from('again'));
      expect(await text('t/1')).toBe('again');
    });

    test('concurrent puts of one key leave one of the contents, whole', async () => {
      const contents = Array.from({ length: 20 }, (_, i) => Buffer.alloc(50_000 + i, 65 + i));
      await Promise.all(contents.map((content) => store.put('c/k', Readable.from([content]))));
      const found = await bytesOf(await store.get('c/k'));
      expect(contents.some((content) => content.equals(found))).toBe(true);
      expect(await store.stat('c/k')).toEqual({ key: 'c/k', size: found.length, sha256: sha256(found) });
    });

    test('puts survive concurrent deletes of their neighbours', async () => {
      await Promise.all(
        Array.from({ length: 60 }, async (_, i) => {
          await store.put(`d/e/${i}`, Buffer.from('x'));
          await store.delete(`d/e/${i}`);
          await store.put(`d/e/f/${i}`, Buffer.from(String(i)));
        }),
      );
      expect((await store.list('d/')).length).toBe(60);
    });

    const tooLong = `${'k'.repeat(1023)}é`;
    const badKeys = [
      '',
      '/a',
      'a/',
      'a//b',
      '.',
      '..',
      'a/../b',
      './a',
      'a\\b',
      'a\0b',
      'a\nb',
      'a\u0085',
      '\ud800',
    ];
    test.each([...badKeys.map((key) => [JSON.stringify(key), key]), ['of 1025 bytes', tooLong]])(
      'refuses the key %s',
      async (_label, key) => {
        const source = Readable.from(['x']);
        await expect(store.put(key, source)).rejects.toThrow(InvalidInputError);
        expect(source.destroyed).toBe(true);
        for (const use of [store.get(key), store.stat(key), store.delete(key)]) {
          await expect(use).rejects.toThrow(InvalidInputError);
        }
      },
    );

    test.each(['', '/', 'a', '../', 'a//', 'a/../'])('refuses the prefix %j', async (prefix) => {
      await expect(store.list(prefix)).rejects.toThrow(InvalidInputError);
      await expect(store.deletePrefix(prefix)).rejects.toThrow(InvalidInputError);
    });

    test('takes keys of any other form', async () => {
      const names = ['...', '..a', 'a..', ' ', 'x.b', 'x.d/y.b', 'x.c', 'ü/€', '%2e%2e', '-rf', 'CON', '*'];
      const keys = [...names, '\u{1f600}'.repeat(256), 'k'.repeat(1024)];
      for (const key of keys) await store.put(key, Buffer.from(key));
      for (const key of keys) expect(await text(key)).toBe(key);
    });
  });
}

async function bytesOf(stream: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
