// Orbs from texts at hand: for the command line, for tests, and for whatever has no registry.
import type { FoundOrb, OrbResolver } from '../config.types.js';
import { parseOrbReference, resolveVersion } from './reference.js';

/** The text of an orb; with `dependencies` when what it imports was settled before (LANGUAGE C-124). */
export type StoredOrb = string | Pick<FoundOrb, 'source' | 'dependencies'>;

/**
 * Finds orbs among `orbs`, which has them by whole references (`acme/tool@1.2.3`, `acme/tool@dev:first`) or URLs. A
 * reference to a range of versions means the newest one there is (C-120).
 */
export function storedOrbs(orbs: Readonly<Record<string, StoredOrb>>): OrbResolver {
  const byName = new Map<string, Map<string, StoredOrb>>();
  const urls = new Map<string, StoredOrb>();
  for (const [written, orb] of Object.entries(orbs)) {
    const at = written.lastIndexOf('@');
    if (parseOrbReference(written)?.kind === 'url') urls.set(written, orb);
    else if (at > 0) {
      const versions = byName.get(written.slice(0, at)) ?? new Map<string, StoredOrb>();
      byName.set(written.slice(0, at), versions.set(written.slice(at + 1), orb));
    }
  }
  return {
    resolve: async (written) => {
      const reference = parseOrbReference(written);
      if (reference?.kind !== 'registry') return found(urls.get(written), written);
      const versions = byName.get(reference.name);
      const version = versions && resolveVersion(reference.version, versions.keys());
      return version === undefined
        ? undefined
        : found(versions?.get(version), `${reference.name}@${version}`);
    },
  };
}

function found(orb: StoredOrb | undefined, resolvedReference: string): FoundOrb | undefined {
  if (orb === undefined) return undefined;
  return typeof orb === 'string' ? { source: orb, resolvedReference } : { ...orb, resolvedReference };
}
