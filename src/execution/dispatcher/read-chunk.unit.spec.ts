// Bodies of any division, too long ones and ones that break off.
import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { readChunk } from './read-chunk.js';

const whole = randomBytes(10_000);
const pieces = [whole.subarray(0, 1), whole.subarray(1, 7000), whole.subarray(7000)];

describe('readChunk', () => {
  it.each([10_000, 0, 5, 20_000])('gives all bytes when %d are announced', async (announced) => {
    expect((await readChunk(Readable.from(pieces), announced, 20_000)).equals(whole)).toBe(true);
  });

  it('gives an empty body', async () => {
    expect((await readChunk(Readable.from([]), 0, 10)).length).toBe(0);
  });

  it('refuses what is too long, whether it says so or not', async () => {
    for (const announced of [10_000, 0, Number.NaN]) {
      await expect(readChunk(Readable.from(pieces), announced, 9999)).rejects.toMatchObject({
        code: 'OUTPUT.CHUNK',
      });
    }
  });

  it('refuses a body that breaks off', async () => {
    const broken = new PassThrough();
    const reading = readChunk(broken, 10, 100);
    broken.write('half');
    broken.destroy();
    await expect(reading).rejects.toThrow('the body broke off');
  });
});
