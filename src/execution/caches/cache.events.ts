// Facts about caches. Stream `cache-<id of project, scope and key>`: it has one event at most, so a key is written once.
import { eventTypes, type EventOf } from '../../platform/event-store/event-of.js';

export type CacheSaved = EventOf<
  'CacheSaved',
  {
    cacheId: string;
    projectId: string;
    key: string;
    jobNumber: number;
    size: number;
    sha256: string;
    blobKey: string;
  }
>;

export const cacheEvents = eventTypes<CacheSaved>({
  CacheSaved: 'followed',
});
