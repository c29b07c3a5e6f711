// Reads users and organisations.
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { findRow } from '../../../platform/database/rows.js';
import { NotFoundError } from '../../../platform/errors/errors.js';
import { UserEntity } from '../../identity/identity.entity.js';
import type { OrganizationRow } from './me.views.js';

/** The answer is one bare array, so it has a bound instead of pages. */
const MOST_ORGANIZATIONS = 1000;

@Injectable()
export class MeQueries {
  constructor(private readonly database: DataSource) {}

  async user(id: string): Promise<UserEntity> {
    const user = await findRow(this.database, UserEntity, { id });
    if (!user) throw new NotFoundError('USER.NOT_FOUND', 'User does not exist.');
    return user;
  }

  /**
   * The organisations that have projects, by slug. Steps from one slug to the next through the index on the slug, so
   * it costs by organisations, not by projects.
   */
  organizations(): Promise<OrganizationRow[]> {
    return this.database.query(
      `WITH RECURSIVE slugs AS (
         (SELECT organization_slug FROM project ORDER BY organization_slug LIMIT 1)
         UNION ALL
         SELECT (SELECT p.organization_slug FROM project p WHERE p.organization_slug > s.organization_slug
                 ORDER BY p.organization_slug LIMIT 1)
         FROM slugs s WHERE s.organization_slug IS NOT NULL
       )
       SELECT p.organization_id AS id, p.organization_slug AS slug, p.organization_name AS name
       FROM (SELECT organization_slug FROM slugs WHERE organization_slug IS NOT NULL LIMIT $1) s
       CROSS JOIN LATERAL (SELECT * FROM project WHERE project.organization_slug = s.organization_slug LIMIT 1) p`,
      [MOST_ORGANIZATIONS],
    );
  }
}
