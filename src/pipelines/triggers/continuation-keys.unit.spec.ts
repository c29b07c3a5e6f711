// Keys of pipelines: they follow from a secret, name their pipeline and are hard to get wrong.
import { describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { newId } from '../../platform/ids/ids.js';
import { ContinuationKeys, hashOfKey, pipelineOfKey } from './continuation-keys.js';

/** A database that knows this secret only. */
const keysOf = (secret: string) =>
  new ContinuationKeys({ query: async () => [{ value: Buffer.from(secret) }] } as unknown as DataSource);

describe('ContinuationKeys', () => {
  const id = newId();

  test('a key is always the same and names its pipeline', async () => {
    const key = await keysOf('secret').of(id);
    expect(key).toMatch(/^[\w-]{64}$/);
    expect(await keysOf('secret').of(id)).toBe(key);
    expect(pipelineOfKey(key)).toBe(id);
    expect(await keysOf('secret').hashOf(id)).toBe(hashOfKey(key));
  });

  test('another pipeline or another secret gives another key', async () => {
    const key = await keysOf('secret').of(id);
    expect(await keysOf('secret').of(newId())).not.toBe(key);
    expect(await keysOf('other').of(id)).not.toBe(key);
  });

  test('a database that failed once is asked again', async () => {
    let fails = true;
    const keys = new ContinuationKeys({
      query: async () => {
        if (fails) throw new Error('no connection');
        return [{ value: Buffer.from('secret') }];
      },
    } as unknown as DataSource);
    await expect(keys.of(id)).rejects.toThrow('no connection');
    fails = false;
    expect(await keys.of(id)).toBe(await keysOf('secret').of(id));
  });

  test.each(['', 'abc', 'x'.repeat(63), 'x'.repeat(65), `${'x'.repeat(63)}=`, 'ä'.repeat(64)])(
    '"%s" has not the form of a key',
    (text) => expect(pipelineOfKey(text)).toBeUndefined(),
  );
});
