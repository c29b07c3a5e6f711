// Finds projects and organisations by slug or id.
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { findRow } from '../../../platform/database/rows.js';
import { NotFoundError } from '../../../platform/errors/errors.js';
import { isUuid } from '../../../platform/ids/ids.js';
import { ProjectEntity } from '../../../pipelines/index.js';
import { organizationSlug, projectSlug } from './slugs.js';

@Injectable()
export class ProjectQueries {
  constructor(private readonly database: DataSource) {}

  /** The project of a slug, in either spelling of its first part, or of an id. */
  async find(slugOrId: string): Promise<ProjectEntity> {
    const where = isUuid(slugOrId) ? { id: slugOrId } : { slug: projectSlug(slugOrId) };
    const isSlug = 'slug' in where;
    if (isSlug && where.slug === undefined) throw noProject();
    const project = await findRow(this.database, ProjectEntity, where);
    if (!project) throw noProject();
    return project;
  }

  /** The slug of an organisation given by slug or id; one given by slug need not have projects yet. */
  async organizationSlug(slugOrId: string): Promise<string> {
    if (!isUuid(slugOrId)) {
      const slug = organizationSlug(slugOrId);
      if (slug === undefined) throw noOrganization();
      return slug;
    }
    const project = await findRow(this.database, ProjectEntity, { organizationId: slugOrId });
    if (!project) throw noOrganization();
    return project.organizationSlug;
  }
}

function noProject(): NotFoundError {
  return new NotFoundError('PROJECT.NOT_FOUND', 'Project not found');
}

function noOrganization(): NotFoundError {
  return new NotFoundError('ORGANIZATION.NOT_FOUND', 'Organization does not exist.');
}
