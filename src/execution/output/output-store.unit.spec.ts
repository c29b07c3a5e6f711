// The output store on real files: idempotence by offset, reads that race with merging, and its speed.
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

import type { Settings } from '../../../config/settings.js';
import { trailerOf } from '../../platform/blobs/blob-trailer.js';
import type { BlobStore } from '../../platform/blobs/blob-store.port.js';
import { DirectoryBlobStore } from '../../platform/blobs/directory-blob-store.js';
import { MemoryOutputIndex } from './memory-output-index.js';
import { outputIndexContract } from './output-index.contract.js';
import { OutputHandover } from './output-handover.js';
import { OutputGapError, OutputStore } from './output-store.js';

const roots: string[] = [];
afterAll(async () => {
  for (const root of roots) await rm(root, { recursive: true, force: true });
});
async function newBlobs(): Promise<DirectoryBlobStore> {
  const root = await mkdtemp(join(tmpdir(), 'output-'));
  roots.push(root);
  return DirectoryBlobStore.open(root);
}

outputIndexContract('memory', async () => new MemoryOutputIndex());

describe('output store', () => {
  let blobs: BlobStore;
  let index: MemoryOutputIndex;
  let store: OutputStore;
  let task: string;
  beforeEach(async () => {
    blobs = await newBlobs();
    index = new MemoryOutputIndex();
    store = new OutputStore(blobs, index);
    task = randomUUID();
  });
  const text = async (start?: number, end?: number) =>
    (await bytesOf(await store.read(task, 0, start, end))).toString();
  const append = (offset: number, bytes: string) => store.append(task, 0, offset, Buffer.from(bytes));

  test('appends, skips what is there, refuses a gap', async () => {
    expect(await append(0, 'hello ')).toEqual({ offset: 6 });
    expect(await append(0, 'hello ')).toEqual({ offset: 6 });
    expect(await append(3, 'lo wor')).toEqual({ offset: 9 });
    expect(await append(9, '')).toEqual({ offset: 9 });
    const gap: unknown = await append(10, 'x').catch((error: unknown) => error);
    expect(gap).toBeInstanceOf(OutputGapError);
    expect(gap).toMatchObject({ code: 'OUTPUT.GAP', expected: 9 });
    expect(await append(9, 'ld')).toEqual({ offset: 11 });
    expect(await text()).toBe('hello world');
    expect(await store.length(task, 0)).toBe(11);
    expect(await store.length(task, 1)).toBe(0);
  });

  test('reads ranges across segments', async () => {
    for (let i = 0; i < 10; i++) await append(i * 3, `${i}${i}${i}`);
    expect(await text(4, 10)).toBe('112223');
    expect(await text(28)).toBe('99');
    expect(await text(30)).toBe('');
    expect(await text(99)).toBe('');
    expect(await text(5, 5)).toBe('');
    expect(await text(0, 999)).toBe('000111222333444555666777888999');
  });

  test('concurrent appends of one process are put in order', async () => {
    const results = await Promise.all([
      append(0, 'abc'),
      append(3, 'def'),
      append(0, 'abcdefgh'),
      append(8, 'i'),
    ]);
    expect(results.map((result) => result.offset)).toEqual([3, 6, 8, 9]);
    expect(await text()).toBe('abcdefghi');
  });

  test('few bytes need no blob; what is more gets one', async () => {
    await append(0, 'short');
    expect(await blobs.list(`output/${task}/0/`)).toEqual([]);
    await append(5, 'x'.repeat(5000));
    await append(5005, 'end');
    expect((await blobs.list(`output/${task}/0/`)).length).toBe(1);
    expect(await text()).toBe(`short${'x'.repeat(5000)}end`);
    expect(await text(3, 7)).toBe('rtxx');
    expect(await text(5003)).toBe('xxend');
    await store.seal(task, 0);
    expect((await index.segments(task, 0)).length).toBe(1);
    expect((await blobs.list(`output/${task}/0/`)).length).toBe(1);
    expect(await text()).toBe(`short${'x'.repeat(5000)}end`);
  });

  describe('files of the built-in agent', () => {
    const content = 'x'.repeat(5000);
    const agent = `agent-1-${randomUUID()}`;
    let handover: OutputHandover;
    let spool: string;
    const file = async (name: string) => {
      const bytes = Buffer.from(content);
      const trailer = trailerOf(bytes.length, createHash('sha256').update(bytes).digest());
      await writeFile(join(spool, name), Buffer.concat([bytes, trailer]));
      return name;
    };
    beforeEach(async () => {
      const dataDirectory = await mkdtemp(join(tmpdir(), 'output-'));
      roots.push(dataDirectory);
      spool = join(dataDirectory, 'agent', 'spool');
      await mkdir(join(spool, agent), { recursive: true });
      handover = new OutputHandover(store, { dataDirectory } as Settings);
    });

    test('become output where it ends, and nowhere else', async () => {
      await append(0, 'abc');
      const name = await file(`${agent}/${task}.0.7`);
      const seen: number[] = [];
      store.onAppend((...call) => seen.push(call[2]));
      expect(await handover.append(task, 0, 3, name)).toEqual({ offset: 5003 });
      expect(await handover.append(task, 0, 3, name)).toEqual({ offset: 5003 });
      expect(await handover.append(task, 0, 9000, name)).toEqual({ offset: 5003 });
      await rm(join(spool, name));
      await append(5003, 'end');
      expect(await text()).toBe(`abc${content}end`);
      expect(seen).toEqual([5003, 5006]);
      expect((await blobs.list(`output/${task}/0/`)).length).toBe(1);
    });

    test('a server that has not seen the output before asks the index where it ends', async () => {
      await append(0, 'abc');
      const name = await file(`${agent}/${task}.0.0`);
      const other = new OutputStore(blobs, index);
      expect(await other.appendFile(task, 0, 0, join(spool, name))).toEqual({ offset: 3 });
      expect(await other.appendFile(task, 0, 3, join(spool, name))).toEqual({ offset: 5003 });
    });

    test('other names are refused: of other tasks and steps, and such that lead elsewhere', async () => {
      const other = randomUUID();
      const names = [
        await file(`${agent}/${other}.0.0`),
        await file(`${agent}/${task}.1.0`),
        `${agent}/../${agent}/${task}.0.0`,
        `../spool/${agent}/${task}.0.0`,
        `/etc/passwd`,
        '',
      ];
      for (const name of names) {
        expect(() => handover.append(task, 0, 0, name)).toThrow('is not a file of this step');
      }
      await expect(handover.append(task, 0, 0, `${agent}/${task}.0.9`)).rejects.toMatchObject({
        code: 'BLOB.NOT_ADOPTABLE',
      });
      expect(await store.length(task, 0)).toBe(0);
    });
  });

  test('takes output of several steps at once, and tells which of it leaves a gap', async () => {
    await append(0, 'abc');
    const seen: [string, number, number][] = [];
    store.onAppend((...call) => seen.push(call));
    const piece = (step: number, offset: number, bytes: string) => ({
      ...{ step, offset, bytes: Buffer.from(bytes) },
    });
    const pieces = [
      piece(0, 1, 'bcdef'),
      piece(1, 0, 'x'.repeat(5000)),
      piece(2, 4, 'late'),
      piece(3, 0, ''),
    ];
    expect(await store.appendAll(task, pieces)).toEqual([6, 5000, 0, 0]);
    expect(await store.appendAll(task, pieces)).toEqual([6, 5000, 0, 0]);
    expect(await text()).toBe('abcdef');
    expect(seen).toEqual([
      [task, 0, 6],
      [task, 1, 5000],
    ]);
    expect(await store.length(task, 2)).toBe(0);
  });

  test('a server that has not seen the output before goes on where it ends', async () => {
    await append(0, 'abcdef');
    const later = new OutputStore(blobs, index);
    const sent = [
      { step: 0, offset: 4, bytes: Buffer.from('efgh') },
      { step: 1, offset: 0, bytes: Buffer.from('x') },
    ];
    expect(await later.appendAll(task, sent)).toEqual([8, 1]);
    expect(await text()).toBe('abcdefgh');
  });

  test.each([undefined, 0])('two servers that take the same output keep it whole (%s)', async (fewBytes) => {
    store = new OutputStore(blobs, index, fewBytes);
    const other = new OutputStore(blobs, index, fewBytes);
    await append(0, 'aaaa');
    await other.append(task, 0, 0, Buffer.from('aaaabbbb'));
    expect(await append(4, 'bb')).toEqual({ offset: 8 });
    const both = [store, other].map((one) => one.append(task, 0, 8, Buffer.from('cccc')));
    expect(await Promise.all(both)).toEqual([{ offset: 12 }, { offset: 12 }]);
    expect(await text()).toBe('aaaabbbbcccc');
    const counted = (await index.segments(task, 0)).filter(({ blobKey }) => blobKey !== undefined);
    expect((await blobs.list(`output/${task}/0/`)).sort()).toEqual(
      counted.map(({ blobKey }) => blobKey).sort(),
    );
  });

  test('tells listeners the new length, and a faulty one harms nobody', async () => {
    const seen: [string, number, number][] = [];
    store.onAppend(() => {
      throw new Error('listener broke');
    });
    const stop = store.onAppend((...call) => seen.push(call));
    await append(0, 'abc');
    await append(0, 'abc');
    await append(3, 'd');
    stop();
    await append(4, 'e');
    expect(seen).toEqual([
      [task, 0, 3],
      [task, 0, 4],
    ]);
  });

  test('sealing merges small segments and changes no byte', async () => {
    const whole = randomBytes(9_500_000);
    const length = 500_000;
    for (let at = 0; at < whole.length; at += length)
      await store.append(task, 0, at, whole.subarray(at, at + length));
    await store.seal(task, 0);
    const segments = await index.segments(task, 0);
    expect(segments.map((segment) => segment.length)).toEqual([4_500_000, 4_500_000, 500_000]);
    expect((await blobs.list(`output/${task}/0/`)).sort()).toEqual(
      segments.map((segment) => segment.blobKey).sort(),
    );
    expect((await bytesOf(await store.read(task, 0))).equals(whole)).toBe(true);
    await store.seal(task, 0);
    expect(await index.segments(task, 0)).toEqual(segments);
    expect(await store.append(task, 0, whole.length - 1, Buffer.from([whole.at(-1)!, 7]))).toEqual({
      offset: 9_500_001,
    });
  });

  test('few bytes stay in the index when they are merged, too', async () => {
    for (let i = 0; i < 20; i++) await append(i * 3, `${i % 10}\r\n`);
    expect(await store.scattered(task)).toEqual([0]);
    await store.seal(task, 0);
    const merged = Array.from({ length: 20 }, (_, i) => `${i % 10}\r\n`).join('');
    expect(await index.segments(task, 0)).toEqual([{ start: 0, length: 60, content: Buffer.from(merged) }]);
    expect(await blobs.list(`output/${task}/0/`)).toEqual([]);
    expect(await store.scattered(task)).toEqual([]);
    expect(await append(60, 'on')).toEqual({ offset: 62 });
    expect(await text(57)).toBe('9\r\non');
  });

  test('sealing that is aborted stops between two merges, and goes on there', async () => {
    const whole = randomBytes(12_000_000);
    for (let at = 0; at < whole.length; at += 400_000)
      await store.append(task, 0, at, whole.subarray(at, at + 400_000));
    const stopping = new AbortController();
    const replace = index.replace.bind(index);
    index.replace = async (...call) => {
      const replaced = await replace(...call);
      stopping.abort(new Error('stop now'));
      return replaced;
    };
    await expect(store.seal(task, 0, stopping.signal)).rejects.toThrow('stop now');
    expect((await index.segments(task, 0)).length).toBe(30 - 11 + 1);
    expect((await bytesOf(await store.read(task, 0))).equals(whole)).toBe(true);
    await store.seal(task, 0);
    expect((await index.segments(task, 0)).length).toBe(3);
    expect((await bytesOf(await store.read(task, 0))).equals(whole)).toBe(true);
  });

  test('reads that race with sealing and appending give every byte once', async () => {
    const whole = randomBytes(3_000_000);
    const length = 10_000;
    for (let at = 0; at < 2_000_000; at += length)
      await store.append(task, 0, at, whole.subarray(at, at + length));
    const slow = await store.read(task, 0, 5);
    const reads = Array.from({ length: 10 }, async (_, i) => bytesOf(await store.read(task, 0, i * 1000)));
    const other = new OutputStore(blobs, index);
    const work = Promise.all([store.seal(task, 0), other.seal(task, 0)]);
    for (let at = 2_000_000; at < 3_000_000; at += length)
      await store.append(task, 0, at, whole.subarray(at, at + length));
    await work;
    await store.seal(task, 0);
    for (const [i, read] of (await Promise.all(reads)).entries()) {
      expect(read.equals(whole.subarray(i * 1000, 2_000_000))).toBe(true);
    }
    expect((await bytesOf(slow)).equals(whole.subarray(5, 2_000_000))).toBe(true);
    expect((await bytesOf(await store.read(task, 0))).equals(whole)).toBe(true);
  });

  test('a lost blob ends the read with an error, not with fewer bytes', async () => {
    store = new OutputStore(blobs, index, 0);
    await append(0, 'abc');
    await append(3, 'def');
    await blobs.delete((await index.segments(task, 0))[1]!.blobKey!);
    await expect(text()).rejects.toThrow('Output is missing from byte 3 on.');
  });

  test.each([
    ['not-a-uuid', 0, 0],
    [randomUUID(), -1, 0],
    [randomUUID(), 1.5, 0],
    [randomUUID(), 0, -1],
    [randomUUID(), 0, Number.NaN],
  ])('refuses task %s, step %d, offset %d', async (id, step, offset) => {
    await expect(store.append(id, step, offset, Buffer.from('x'))).rejects.toMatchObject({
      name: 'InvalidInputError',
    });
  });

  test('any sequence of resent, overlapping and cut chunks gives the original bytes', async () => {
    const chunk = fc.record({
      back: fc.nat(40),
      length: fc.nat(60),
      server: fc.nat(1),
      lost: fc.boolean(),
      seal: fc.nat(9),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 400 }),
        fc.array(chunk, { maxLength: 30 }),
        async (raw, chunks) => {
          const original = Buffer.from(raw);
          const id = randomUUID();
          const ownIndex = new MemoryOutputIndex();
          const servers = [new OutputStore(blobs, ownIndex), new OutputStore(blobs, ownIndex)];
          let acknowledged = 0;
          for (const { back, length, server, lost, seal } of chunks) {
            const from = Math.max(0, acknowledged - back);
            const ack = await servers[server]!.append(id, 0, from, original.subarray(from, from + length));
            expect(ack.offset).toBe(Math.max(await ownIndex.end(id, 0), acknowledged));
            if (!lost) acknowledged = ack.offset;
            if (seal === 0) await servers[1 - server]!.seal(id, 0);
          }
          await servers[0]!.append(id, 0, acknowledged, original.subarray(acknowledged));
          expect((await bytesOf(await servers[1]!.read(id, 0))).equals(original)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('takes 200 MB in chunks of 1 MiB', async () => {
    const piece = randomBytes(1024 * 1024);
    for (let i = 0; i < 190; i++) await store.append(task, 0, i * piece.length, piece);
    expect(await store.length(task, 0)).toBe(190 * piece.length);
  });
});

async function bytesOf(stream: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}
