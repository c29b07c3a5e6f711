// The orb registry in memory, kept up by the same events as the tables: for tests, and as the measure of the other one.
import type { FoundOrb, RegistryReference } from '../config/index.js';
import { resolveVersion } from '../config/orbs/reference.js';
import type { NamespaceEvent } from './namespace.events.js';
import type { OrbRegistry } from './orb-registry.port.js';
import type { OrbEvent, OrbFacts, OrbSource } from './orb.events.js';

interface Kept {
  facts: OrbFacts;
  versions: Map<string, OrbSource & { expiresAt?: string }>;
}

export class MemoryOrbRegistry implements OrbRegistry {
  private readonly owners = new Map<string, string | undefined>();
  private readonly orbs = new Map<string, Kept>();

  take({ type, data }: NamespaceEvent | OrbEvent): void {
    if (type === 'NamespaceCreated') this.owners.set(data.name, data.organizationId);
    else if (type === 'OrbCreated') this.orbs.set(data.orbId, { facts: data, versions: new Map() });
    else if (type === 'OrbVersionPublished') this.orbs.get(data.orbId)?.versions.set(data.version, data);
    else if (type === 'OrbDevVersionPublished')
      this.orbs.get(data.orbId)?.versions.set(`dev:${data.label}`, data);
  }

  async find(
    { name, version }: RegistryReference,
    { organizationId, now }: { organizationId?: string; now: Date },
  ): Promise<FoundOrb | undefined> {
    const orb = [...this.orbs.values()].find(({ facts }) => facts.name === name);
    if (!orb) return undefined;
    const owner = this.owners.get(orb.facts.namespace);
    if (orb.facts.isPrivate && (owner === undefined || owner !== organizationId)) return undefined;
    const alive = [...orb.versions].filter(([, { expiresAt }]) => !expiresAt || new Date(expiresAt) > now);
    const meant = resolveVersion(
      version,
      alive.map(([known]) => known),
    );
    const found = meant === undefined ? undefined : orb.versions.get(meant);
    if (!found) return undefined;
    const { source, dependencies } = found;
    return { source, dependencies, resolvedReference: `${name}@${meant}` };
  }
}
