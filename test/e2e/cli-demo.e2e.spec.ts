// `npm run demo -- --exit`: works, twice in the same data directory, and ends with the pipeline's status.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cli, ownDirectory, processesWith } from './cli-support.js';

let home: Awaited<ReturnType<typeof ownDirectory>>;
beforeAll(async () => {
  home = await ownDirectory();
});
afterAll(() => home.remove());

test('the demo succeeds, and a second time too', async () => {
  const data = join(home.path, 'data');
  for (const number of [1, 2]) {
    const ran = cli(['demo', '--exit', '--executor', 'host'], {
      env: { ROTUNDA_DATA_DIR: data, ROTUNDA_PORT: '0' },
    });
    const code = await ran.ended(150_000);
    const out = ran.stdout();
    expect({ code, out: code === 0 ? '' : out + ran.stderr() }).toEqual({ code: 0, out: '' });
    expect(out).toContain(`pipeline ${number} of git/local/demo-app`);
    expect(out).toMatch(/\nbuild-and-test {2}success\n/);
    expect(out).toContain('\ntests  18 passed, 0 failed\n');
    const answer = /packages\/answer\.txt\n +http:\S+\n +(\S+)\n/.exec(out)?.[1];
    // The file of a blob ends in a few bytes of the store.
    expect((await readFile(answer!, 'latin1')).slice(0, 3)).toBe('42\n');
    // The cache of the first run is found by the second.
    expect(out).toContain(`5 files in dist, ${number === 1 ? 0 : 5} of them from the cache`);
    expect(await processesWith(data)).toEqual([]);
  }
}, 320_000);
