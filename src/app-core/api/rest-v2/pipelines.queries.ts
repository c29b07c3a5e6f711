// Reads pipelines. Every list walks an index from its key on, so a page costs the same however many pipelines there are.
import { Injectable } from '@nestjs/common';
import { DataSource, In, LessThan } from 'typeorm';
import { findRow } from '../../../platform/database/rows.js';
import { z } from 'zod';
import { NotFoundError } from '../../../platform/errors/errors.js';
import { PipelineConfigEntity, PipelineEntity } from '../../../pipelines/index.js';
import { key, keyOfToken, PAGE_SIZE, pageOf, type Page, type PagedList } from './page-token.js';

const byNumber: PagedList<[number]> = { name: 'pipelines', form: z.tuple([key.number]) };
const byId: PagedList<[string]> = { name: 'all-pipelines', form: z.tuple([key.uuid]) };

const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/**
 * The newest of each project of the organisation, then the newest of these. `project_id = project.id` would say the
 * same, but leaves PostgreSQL the choice of walking all pipelines by id; it takes that one by the size of the average
 * project, and for a quiet project it reads the whole table (measured: 4,853 blocks at 200,000 rows instead of 12).
 */
const NEWEST_OF_ORGANIZATION = `
  SELECT newest.id FROM project CROSS JOIN LATERAL (
    SELECT id FROM pipeline
    WHERE project_id >= project.id AND (project_id, id) < (project.id, $2::uuid)
    ORDER BY project_id DESC, id DESC LIMIT $3
  ) newest WHERE project.organization_slug = $1 ORDER BY newest.id DESC LIMIT $3`;
const NEWEST_OF_USER_IN_ORGANIZATION = `
  SELECT newest.id FROM project CROSS JOIN LATERAL (
    SELECT id FROM pipeline
    WHERE (project_id, actor_id) >= (project.id, $4::uuid)
      AND (project_id, actor_id, id) < (project.id, $4::uuid, $2::uuid)
    ORDER BY project_id DESC, actor_id DESC, id DESC LIMIT $3
  ) newest WHERE project.organization_slug = $1 ORDER BY newest.id DESC LIMIT $3`;

@Injectable()
export class PipelineQueries {
  constructor(private readonly database: DataSource) {}

  find(id: string): Promise<PipelineEntity | null> {
    return findRow(this.database, PipelineEntity, { id });
  }

  async byId(id: string): Promise<PipelineEntity> {
    return found(await this.find(id));
  }

  async byNumber(projectId: string, number: number): Promise<PipelineEntity> {
    return found(await findRow(this.database, PipelineEntity, { projectId, number }));
  }

  config(pipelineId: string): Promise<PipelineConfigEntity | null> {
    return findRow(this.database, PipelineConfigEntity, { pipelineId });
  }

  /** A project's pipelines, newest first; only those of a branch or of a user when one is given. */
  async ofProject<Item>(
    projectId: string,
    only: { branch?: string; actorId?: string },
    token: string | undefined,
    view: (row: PipelineEntity) => Item,
  ): Promise<Page<Item>> {
    const before = keyOfToken(byNumber, token)?.[0];
    const rows = await this.database.manager.find(PipelineEntity, {
      where: {
        projectId,
        ...(only.branch === undefined ? {} : { branch: only.branch }),
        ...(only.actorId === undefined ? {} : { actorId: only.actorId }),
        ...(before === undefined ? {} : { number: LessThan(before) }),
      },
      order: { number: 'DESC' },
      take: PAGE_SIZE + 1,
    });
    return pageOf(rows, PAGE_SIZE, byNumber, (row) => [row.number], view);
  }

  /** The pipelines of all projects, or of those of an organisation, newest first; only those of a user if one is given. */
  async ofAll<Item>(
    only: { organizationSlug?: string; actorId?: string },
    token: string | undefined,
    view: (row: PipelineEntity) => Item,
  ): Promise<Page<Item>> {
    const before = keyOfToken(byId, token)?.[0];
    const ids = await this.newestIds(only, before);
    const rows = await this.database.manager.find(PipelineEntity, {
      where: { id: In(ids) },
      order: { id: 'DESC' },
    });
    return pageOf(rows, PAGE_SIZE, byId, (row) => [row.id], view);
  }

  private async newestIds(
    { organizationSlug, actorId }: { organizationSlug?: string; actorId?: string },
    before = LAST_ID,
  ): Promise<string[]> {
    const rows: { id: string }[] =
      organizationSlug === undefined
        ? await this.database.manager.find(PipelineEntity, {
            select: { id: true },
            where: { id: LessThan(before), ...(actorId === undefined ? {} : { actorId }) },
            order: { id: 'DESC' },
            take: PAGE_SIZE + 1,
          })
        : await this.database.query(
            actorId === undefined ? NEWEST_OF_ORGANIZATION : NEWEST_OF_USER_IN_ORGANIZATION,
            [organizationSlug, before, PAGE_SIZE + 1, ...(actorId === undefined ? [] : [actorId])],
          );
    return rows.map(({ id }) => id);
  }
}

function found(row: PipelineEntity | null): PipelineEntity {
  if (!row) throw new NotFoundError('PIPELINE.NOT_FOUND', 'Pipeline not found');
  return row;
}
