// Facts about an orb: its versions, which never change once they are production versions, and how it is listed.
import { eventTypes, type EventOf } from '../../platform/event-store/event-of.js';

export interface OrbFacts {
  orbId: string;
  namespace: string;
  /** With its namespace: `acme/tool`. */
  name: string;
  /** Usable by pipelines of the namespace's own organisation only (LANGUAGE C-123). */
  isPrivate: boolean;
}

export interface OrbSource {
  /** The document as it was published. */
  source: string;
  /** What its references meant at publication, by reference (LANGUAGE C-124). */
  dependencies: Record<string, string>;
}

export type OrbCreated = EventOf<'OrbCreated', OrbFacts>;
export type OrbVersionPublished = EventOf<
  'OrbVersionPublished',
  OrbSource & {
    orbId: string;
    /** `1.2.3`. */
    version: string;
    /** The label of the dev version that was promoted. */
    promotedFrom?: string;
  }
>;
/** Takes the place of an earlier dev version of the same label. */
export type OrbDevVersionPublished = EventOf<
  'OrbDevVersionPublished',
  OrbSource & {
    orbId: string;
    /** What stands behind `dev:`. */
    label: string;
    expiresAt: string;
  }
>;
export type OrbListingChanged = EventOf<'OrbListingChanged', { orbId: string; listed: boolean }>;
/** All categories that the orb is in now. */
export type OrbCategoriesChanged = EventOf<'OrbCategoriesChanged', { orbId: string; categories: string[] }>;

export type OrbEvent =
  OrbCreated | OrbVersionPublished | OrbDevVersionPublished | OrbListingChanged | OrbCategoriesChanged;

export const orbEvents = eventTypes<OrbEvent>({
  OrbCreated: 'decided',
  OrbVersionPublished: 'decided',
  OrbDevVersionPublished: 'decided',
  OrbListingChanged: 'decided',
  OrbCategoriesChanged: 'decided',
});
