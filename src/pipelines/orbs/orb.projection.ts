// The tables of the orb registry.
import { insertRows, updateRows, upsertRows, type RowWriter } from '../../platform/database/rows.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { Projection } from '../../platform/followers/follower.types.js';
import { exactVersion } from '../config/orbs/reference.js';
import type { NamespaceEvent } from './namespace.events.js';
import { OrbEntity, OrbNamespaceEntity, OrbVersionEntity } from './orb.entity.js';
import type { OrbDevVersionPublished, OrbEvent, OrbVersionPublished } from './orb.events.js';

type Projected = NamespaceEvent | OrbEvent;

export class OrbProjection implements Projection {
  readonly name = 'orbs';
  readonly tables = ['orb_namespace', 'orb', 'orb_version'];
  readonly eventTypes = [
    'NamespaceCreated',
    'OrbCreated',
    'OrbVersionPublished',
    'OrbDevVersionPublished',
    'OrbListingChanged',
    'OrbCategoriesChanged',
  ] satisfies Projected['type'][];

  async project(events: readonly RecordedEvent[], db: RowWriter): Promise<void> {
    for (const recorded of events) await this.one(recorded as RecordedEvent & Projected, recorded.time, db);
  }

  private async one({ type, data }: Projected, time: Date, db: RowWriter): Promise<void> {
    switch (type) {
      case 'NamespaceCreated': {
        const { name, organizationId } = data;
        await insertRows(db, OrbNamespaceEntity, {
          name,
          organizationId: organizationId ?? null,
          createdAt: time,
        });
        break;
      }
      case 'OrbCreated': {
        const { orbId: id, namespace, name, isPrivate } = data;
        const row = { id, namespace, name, isPrivate, listed: true, categories: [], createdAt: time };
        await insertRows(db, OrbEntity, row);
        break;
      }
      case 'OrbVersionPublished':
        await insertRows(db, OrbVersionEntity, productionRow(data, time));
        break;
      case 'OrbDevVersionPublished':
        await upsertRows(db, OrbVersionEntity, devRow(data, time));
        break;
      case 'OrbListingChanged':
        await updateRows(db, OrbEntity, data.orbId, { listed: data.listed });
        break;
      case 'OrbCategoriesChanged':
        await updateRows(db, OrbEntity, data.orbId, { categories: data.categories });
    }
  }
}

function productionRow(data: OrbVersionPublished['data'], publishedAt: Date): OrbVersionEntity {
  const { orbId, version, source, dependencies } = data;
  const [major, minor, patch] = exactVersion(version)!;
  return { orbId, version, major, minor, patch, source, dependencies, publishedAt, expiresAt: null };
}

function devRow(data: OrbDevVersionPublished['data'], publishedAt: Date): OrbVersionEntity {
  const { orbId, label, source, dependencies, expiresAt } = data;
  return {
    orbId,
    version: `dev:${label}`,
    major: null,
    minor: null,
    patch: null,
    source,
    dependencies,
    publishedAt,
    expiresAt: new Date(expiresAt),
  };
}
