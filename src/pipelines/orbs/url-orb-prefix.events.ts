// Facts about the addresses from which an organisation's configs may take URL orbs (LANGUAGE C-134).
import { eventTypes, type EventOf } from '../../platform/event-store/event-of.js';

export type UrlOrbAuth = 'none' | 'github-oauth' | 'github-app' | 'bitbucket-oauth';

export interface UrlOrbPrefix {
  id: string;
  name: string;
  /** `https://…/`: every URL that begins so is allowed. */
  prefix: string;
  auth: UrlOrbAuth;
}

export type UrlOrbPrefixAllowed = EventOf<'UrlOrbPrefixAllowed', UrlOrbPrefix & { organizationId: string }>;
export type UrlOrbPrefixRemoved = EventOf<'UrlOrbPrefixRemoved', { organizationId: string; id: string }>;
export type UrlOrbPrefixEvent = UrlOrbPrefixAllowed | UrlOrbPrefixRemoved;

export const urlOrbPrefixEvents = eventTypes<UrlOrbPrefixEvent>({
  UrlOrbPrefixAllowed: 'decided',
  UrlOrbPrefixRemoved: 'decided',
});
