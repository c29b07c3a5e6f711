// What every adapter of the output index must do: called by the spec of each adapter.
import { beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';

import type { OutputIndex, OutputSegment } from './output-index.port.js';

/** Defines the suite. `open` gives an index; it need not be empty, as tests use new task ids. */
export function outputIndexContract(adapter: string, open: () => Promise<OutputIndex>): void {
  describe(`output index contract: ${adapter}`, () => {
    let index: OutputIndex;
    let task: string;
    beforeEach(async () => {
      index = await open();
      task = randomUUID();
    });

    const add = async (segment: OutputSegment): Promise<boolean> =>
      (await index.add(task, [{ step: 0, segment }]))[0]!;
    const segment = (start: number, length: number): OutputSegment => ({
      start,
      length,
      blobKey: `${task}-${start}`,
    });
    const fill = async (count: number, length: number): Promise<OutputSegment[]> => {
      const all = Array.from({ length: count }, (_, i) => segment(i * length, length));
      for (const one of all) expect(await add(one)).toBe(true);
      return all;
    };

    test('an unknown step is empty', async () => {
      expect(await index.end(task, 0)).toBe(0);
      expect(await index.segments(task, 0)).toEqual([]);
    });

    test('adds only where the output ends', async () => {
      expect(await add(segment(5, 5))).toBe(false);
      expect(await add(segment(0, 10))).toBe(true);
      for (const start of [0, 5, 11]) expect(await add({ start, length: 3, blobKey: 'x' })).toBe(false);
      expect(await add(segment(10, 3))).toBe(true);
      expect(await index.end(task, 0)).toBe(13);
      expect(await index.end(task, 1)).toBe(0);
      expect(await index.segments(task, 0)).toEqual([segment(0, 10), segment(10, 3)]);
    });

    test('of concurrent adds at one place one wins', async () => {
      const tries = Array.from({ length: 8 }, (_, i) => add({ start: 0, length: i + 1, blobKey: `k${i}` }));
      const won = (await Promise.all(tries)).flatMap((yes, i) => (yes ? [i] : []));
      expect(won.length).toBe(1);
      expect(await index.segments(task, 0)).toEqual([
        { start: 0, length: won[0]! + 1, blobKey: `k${won[0]}` },
      ]);
    });

    const inIndex = (start: number, text: string): OutputSegment => ({
      start,
      length: Buffer.byteLength(text),
      content: Buffer.from(text),
    });

    test('keeps the bytes of a segment that has no blob', async () => {
      const zeros = { start: 3, length: 256, content: Buffer.from(Array.from({ length: 256 }, (_, i) => i)) };
      for (const one of [inIndex(0, 'abc'), zeros]) expect(await add(one)).toBe(true);
      expect(await add(segment(259, 10))).toBe(true);
      expect(await index.segments(task, 0)).toEqual([inIndex(0, 'abc'), zeros, segment(259, 10)]);
      expect(await index.end(task, 0)).toBe(269);
    });

    test('adds to several steps at once, to each that ends there', async () => {
      expect(await add(inIndex(0, 'abc'))).toBe(true);
      const more = [
        { step: 2, segment: segment(0, 5) },
        { step: 0, segment: inIndex(3, 'def') },
        { step: 1, segment: inIndex(7, 'gap') },
        { step: 3, segment: inIndex(0, 'x') },
      ];
      expect(await index.add(task, more)).toEqual([true, true, false, true]);
      const ends = await Promise.all([0, 1, 2, 3].map((step) => index.end(task, step)));
      expect(ends).toEqual([6, 0, 5, 1]);
      expect(await index.segments(task, 0)).toEqual([inIndex(0, 'abc'), inIndex(3, 'def')]);
    });

    test('replaces segments with and without a blob, once', async () => {
      const all = [inIndex(0, 'abc'), segment(3, 7), inIndex(10, 'def')];
      for (const one of all) expect(await add(one)).toBe(true);
      const merged = { start: 0, length: 10, blobKey: 'merged' };
      expect(await index.replace(task, 0, all.slice(0, 2), merged)).toBe(true);
      expect(await index.replace(task, 0, all, { start: 0, length: 13, blobKey: 'late' })).toBe(false);
      expect(await index.segments(task, 0)).toEqual([merged, all[2]]);
    });

    test('finds the segments from an offset on', async () => {
      const all = await fill(4, 10);
      expect(await index.segments(task, 0, 0)).toEqual(all);
      expect(await index.segments(task, 0, 9)).toEqual(all);
      expect(await index.segments(task, 0, 10)).toEqual(all.slice(1));
      expect(await index.segments(task, 0, 25)).toEqual(all.slice(2));
      expect(await index.segments(task, 0, 39)).toEqual(all.slice(3));
      expect(await index.segments(task, 0, 40)).toEqual([]);
    });

    test('gives at most 1,000 segments at a time', async () => {
      await fill(1003, 2);
      expect((await index.segments(task, 0)).length).toBe(1000);
      expect(await index.segments(task, 0, 2000)).toEqual([
        segment(2000, 2),
        segment(2002, 2),
        segment(2004, 2),
      ]);
    });

    test('finds the steps that have many small segments', async () => {
      const small = Array.from({ length: 5 }, (_, i) => inIndex(i * 2, 'ab'));
      for (const step of [11, 2]) {
        for (const one of small) await index.add(task, [{ step, segment: one }]);
      }
      for (const one of [inIndex(0, 'ab'), segment(2, 10), inIndex(12, 'ab')]) await add(one);
      expect(await index.scattered(task, 10, 4)).toEqual([2, 11]);
      expect(await index.scattered(task, 10, 1)).toEqual([0, 2, 11]);
      expect(await index.scattered(task, 11, 2)).toEqual([0, 2, 11]);
      expect(await index.scattered(task, 10, 5)).toEqual([]);
      expect(await index.scattered(randomUUID(), 10, 0)).toEqual([]);
    });

    test('replaces adjacent segments by one', async () => {
      const all = await fill(4, 10);
      const merged = { start: 10, length: 20, blobKey: 'merged' };
      expect(await index.replace(task, 0, all.slice(1, 3), merged)).toBe(true);
      expect(await index.segments(task, 0)).toEqual([all[0], merged, all[3]]);
      expect(await index.end(task, 0)).toBe(40);
      expect(await index.segments(task, 0, 25)).toEqual([merged, all[3]]);
    });

    test('changes nothing when a segment to replace is gone', async () => {
      const all = await fill(3, 10);
      expect(await index.replace(task, 0, all.slice(0, 2), { start: 0, length: 20, blobKey: 'first' })).toBe(
        true,
      );
      expect(await index.replace(task, 0, all, { start: 0, length: 30, blobKey: 'second' })).toBe(false);
      expect(await index.segments(task, 0)).toEqual([{ start: 0, length: 20, blobKey: 'first' }, all[2]]);
    });

    test('of concurrent replacements one wins', async () => {
      const all = await fill(5, 10);
      const tries = Array.from({ length: 6 }, (_, i) =>
        index.replace(task, 0, all, { start: 0, length: 50, blobKey: `m${i}` }),
      );
      const won = (await Promise.all(tries)).flatMap((yes, i) => (yes ? [i] : []));
      expect(won.length).toBe(1);
      expect(await index.segments(task, 0)).toEqual([{ start: 0, length: 50, blobKey: `m${won[0]}` }]);
    });
  });
}
