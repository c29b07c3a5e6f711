// Pipes made in lots: real ones, enough for all, and nothing of them in any directory.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { closeSync, fstatSync, readSync, writeSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closePipe, PipePool } from './pipe-pool.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rotunda-pipes-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('PipePool', () => {
  it('gives more pipes than a lot has to many at once, each of its own', async () => {
    const pool = new PipePool();
    const pipes = await Promise.all(Array.from({ length: 60 }, () => pool.take(directory)));
    for (const [i, { writeEnd }] of pipes.entries()) writeSync(writeEnd, `to ${i}`);
    const read = pipes.map(({ readEnd, writeEnd }) => {
      closeSync(writeEnd);
      const buffer = Buffer.alloc(100);
      const text = buffer.toString('utf8', 0, readSync(readEnd, buffer));
      expect([fstatSync(readEnd).isFIFO(), readSync(readEnd, buffer)]).toEqual([true, 0]);
      closeSync(readEnd);
      return text;
    });
    expect(read).toEqual(pipes.map((_, i) => `to ${i}`));
    expect(await readdir(directory)).toEqual([]);
  });

  it('makes pipes in another directory when the one of another task is gone', async () => {
    const pool = new PipePool();
    const gone = join(directory, 'gone');
    pool.prepare(gone);
    closePipe(await pool.take(directory));
    await expect(new PipePool().take(gone)).rejects.toThrow('mkfifo');
  });
});
