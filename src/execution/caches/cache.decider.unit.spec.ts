// Rules of caches.
import { describe, expect, it } from '@jest/globals';
import { decideAfter } from '../../../test/support/given.js';
import { cacheDecider } from './cache.decider.js';
import type { CacheEvent, CacheFacts } from './cache.events.js';

const facts: CacheFacts = {
  ...{ cacheId: 'c', projectId: 'p', key: 'v1-x', jobNumber: 43, size: 10, sha256: 'f', blobKey: 'caches/1' },
  ...{ paths: ['/root/.m2'], retentionDays: 7 },
};
const saved: CacheEvent = { type: 'CacheSaved', data: facts };
const removal = {
  ...{ cacheId: 'c', projectId: 'p', key: 'v1-x', blobKey: 'caches/1', reason: 'expired' as const },
};
const removed: CacheEvent = { type: 'CacheRemoved', data: removal };

describe('saving a cache', () => {
  const save = (given: CacheEvent[], more: Partial<CacheFacts> = {}) =>
    decideAfter(cacheDecider, given, { type: 'SaveCache', facts: { ...facts, ...more } });

  it('records it', () => {
    expect(save([])).toEqual({ events: [['CacheSaved', facts]] });
  });
  it('does nothing when the key is taken', () => {
    expect(save([saved], { blobKey: 'caches/2' })).toEqual({ nothing: 'a cache has this key already' });
  });
  it('is possible again when the cache was removed', () => {
    expect(save([saved, removed])).toEqual({ events: [['CacheSaved', facts]] });
  });
  it.each(['', 'k'.repeat(901)])('refuses a key of a wrong length', (key) => {
    expect(save([], { key })).toEqual({
      error: `InvalidInputError CACHE.KEY: a cache key has 1 to 900 characters, this one has ${key.length}`,
    });
  });
});

describe('removing a cache', () => {
  const remove = (given: CacheEvent[], blobKey = 'caches/1') =>
    decideAfter(cacheDecider, given, { type: 'RemoveCache', blobKey });

  it('records it', () => {
    expect(remove([saved])).toEqual({ events: [['CacheRemoved', removal]] });
  });
  it.each([
    ['there is none', [], 'caches/1'],
    ['it was removed', [saved, removed], 'caches/1'],
    ['the key has another one', [saved], 'caches/2'],
  ])('does nothing when %s', (_when, given, blobKey) => {
    expect(remove(given, blobKey)).toEqual({ nothing: 'this cache was removed before' });
  });
});
