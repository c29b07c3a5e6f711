// Facts about caches. Stream `cache-<id of project, scope and key>`: saved once, and again only when that was removed.
import { eventTypes, type EventOf } from '../../platform/event-store/event-of.js';

export interface CacheFacts {
  cacheId: string;
  projectId: string;
  /** Builds of a fork have caches of their own, by the fork's address; absent for those of the project (LANGUAGE C-268). */
  scope?: string;
  key: string;
  jobNumber: number;
  size: number;
  sha256: string;
  blobKey: string;
  /** What it holds, as paths of the environment it was made in. Absent in caches of earlier versions. */
  paths?: string[];
  /** What the job that saved it said of its end (LANGUAGE C-224). */
  retentionDays?: number;
}

export type CacheSaved = EventOf<'CacheSaved', CacheFacts>;
/** Nobody finds it any more; its blob goes. */
export type CacheRemoved = EventOf<
  'CacheRemoved',
  { cacheId: string; projectId: string; key: string; blobKey: string; reason: 'expired' }
>;
export type CacheEvent = CacheSaved | CacheRemoved;

export const cacheEvents = eventTypes<CacheEvent>({
  CacheSaved: 'decided',
  CacheRemoved: 'decided',
});
