// The orb registry as its projection wrote it. One indexed row per question, however many versions there are.
import type { DataSource } from 'typeorm';
import type { FoundOrb, RegistryReference } from '../config/index.js';
import type { OrbRegistry } from './orb-registry.port.js';

/**
 * The newest version that fits is looked for inside the one orb, which walks an index backwards; joined and sorted
 * instead, all its versions would be read.
 */
const find = (condition: string): string => `
  SELECT found.version, found.source, found.dependencies
  FROM orb LEFT JOIN orb_namespace namespace ON namespace.name = orb.namespace
    CROSS JOIN LATERAL (
      SELECT version.version, version.source, version.dependencies FROM orb_version version
      WHERE version.orb_id = orb.id AND ${condition}
      ORDER BY version.major DESC, version.minor DESC, version.patch DESC LIMIT 1
    ) found
  WHERE orb.name = $1 AND (NOT orb.is_private OR namespace.organization_id = $2::uuid)`;

interface Row {
  version: string;
  source: string;
  dependencies: Record<string, string>;
}

export class PostgresOrbRegistry implements OrbRegistry {
  constructor(private readonly database: Pick<DataSource, 'query'>) {}

  async find(
    { name, version }: RegistryReference,
    { organizationId, now }: { organizationId?: string; now: Date },
  ): Promise<FoundOrb | undefined> {
    const values: unknown[] = [name, organizationId ?? null];
    const value = (given: unknown): string => `$${values.push(given)}`;
    let condition = 'version.major IS NOT NULL';
    if (version.kind === 'dev') {
      condition = `version.version = ${value(`dev:${version.label}`)} AND version.expires_at > ${value(now)}`;
    } else if (version.kind === 'production') {
      for (const part of ['major', 'minor', 'patch'] as const) {
        const number = version[part];
        if (number !== undefined) condition += ` AND version.${part} = ${value(number)}`;
      }
    }
    const rows: Row[] = await this.database.query(find(condition), values);
    const [found] = rows;
    if (!found) return undefined;
    const { source, dependencies } = found;
    return { source, dependencies, resolvedReference: `${name}@${found.version}` };
  }
}
