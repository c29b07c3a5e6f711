// Reads the allow-lists of URL orbs.
import type { DataSource } from 'typeorm';
import { findRows } from '../../platform/database/rows.js';
import type { UrlOrbPrefixes } from './orb-sources.js';
import { UrlOrbPrefixEntity } from './url-orb-prefix.entity.js';

export class PostgresUrlOrbPrefixes implements UrlOrbPrefixes {
  constructor(private readonly database: DataSource) {}

  of(organizationId: string): Promise<UrlOrbPrefixEntity[]> {
    return findRows(this.database, UrlOrbPrefixEntity, { organizationId }, { orderBy: ['id'] });
  }
}
