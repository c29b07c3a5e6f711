// Rules of caches: a key is written once (LANGUAGE C-267), and free again when its cache was removed.
import { InvalidInputError } from '../../platform/errors/errors.js';
import { nothing, record, type Decider, type Decision } from '../../platform/event-store/decider.js';
import { cacheEvents, type CacheEvent, type CacheFacts } from './cache.events.js';

/** LANGUAGE C-269. */
const MAX_KEY = 900;

export type CacheCommand =
  | { type: 'SaveCache'; facts: CacheFacts }
  /** Removes the cache with this blob: one that was saved under its key afterwards is another. */
  | { type: 'RemoveCache'; blobKey: string };

/** What is stored under the key. */
export interface CacheState {
  saved?: CacheFacts;
}

export const cacheDecider: Decider<CacheCommand, CacheState, CacheEvent> = {
  events: cacheEvents,
  initialState: () => ({}),

  decide(command: CacheCommand, { saved }: CacheState): Decision<CacheEvent> {
    if (command.type === 'SaveCache') {
      checkCacheKey(command.facts.key);
      if (saved) return nothing('a cache has this key already');
      return record({ type: 'CacheSaved', data: command.facts });
    }
    if (saved?.blobKey !== command.blobKey) return nothing('this cache was removed before');
    const { cacheId, projectId, key, blobKey } = saved;
    return record({ type: 'CacheRemoved', data: { cacheId, projectId, key, blobKey, reason: 'expired' } });
  },

  evolve(_state: CacheState, event: CacheEvent): CacheState {
    return event.type === 'CacheSaved' ? { saved: event.data } : {};
  },
};

/** Throws InvalidInputError unless a cache can have this key. */
export function checkCacheKey(key: string): void {
  if (key === '' || key.length > MAX_KEY) {
    throw new InvalidInputError(
      'CACHE.KEY',
      `a cache key has 1 to ${MAX_KEY} characters, this one has ${key.length}`,
    );
  }
}
