// Reads pipelines. Every list walks an index from its key on, so a page costs the same however many pipelines there are.
import { Injectable } from '@nestjs/common';
import { DataSource, In, LessThan } from 'typeorm';
import { z } from 'zod';
import { NotFoundError } from '../../../platform/errors/errors.js';
import { PipelineConfigEntity, PipelineEntity } from '../../../pipelines/index.js';
import { key, keyOfToken, PAGE_SIZE, pageOf, type Page, type PagedList } from './page-token.js';

const byNumber: PagedList<[number]> = { name: 'pipelines', form: z.tuple([key.number]) };
const byId: PagedList<[string]> = { name: 'all-pipelines', form: z.tuple([key.uuid]) };

@Injectable()
export class PipelineQueries {
  constructor(private readonly database: DataSource) {}

  find(id: string): Promise<PipelineEntity | null> {
    return this.database.manager.findOneBy(PipelineEntity, { id });
  }

  async byId(id: string): Promise<PipelineEntity> {
    return found(await this.find(id));
  }

  async byNumber(projectId: string, number: number): Promise<PipelineEntity> {
    return found(await this.database.manager.findOneBy(PipelineEntity, { projectId, number }));
  }

  config(pipelineId: string): Promise<PipelineConfigEntity | null> {
    return this.database.manager.findOneBy(PipelineConfigEntity, { pipelineId });
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

  /** For an organisation: the newest of each of its projects, then the newest of these. */
  private async newestIds(
    only: { organizationSlug?: string; actorId?: string },
    before: string | undefined,
  ): Promise<string[]> {
    const values: unknown[] = [PAGE_SIZE + 1];
    const bind = (value: unknown): string => `$${values.push(value)}`;
    const conditions = [
      ...(only.actorId === undefined ? [] : [`actor_id = ${bind(only.actorId)}`]),
      ...(before === undefined ? [] : [`id < ${bind(before)}`]),
    ];
    const newest = (more: string[]): string => {
      const all = [...more, ...conditions];
      return `SELECT id FROM pipeline ${all.length > 0 ? `WHERE ${all.join(' AND ')}` : ''} ORDER BY id DESC LIMIT $1`;
    };
    const sql =
      only.organizationSlug === undefined
        ? newest([])
        : `SELECT newest.id FROM project CROSS JOIN LATERAL (${newest(['project_id = project.id'])}) newest
           WHERE project.organization_slug = ${bind(only.organizationSlug)} ORDER BY newest.id DESC LIMIT $1`;
    const rows: { id: string }[] = await this.database.query(sql, values);
    return rows.map(({ id }) => id);
  }
}

function found(row: PipelineEntity | null): PipelineEntity {
  if (!row) throw new NotFoundError('PIPELINE.NOT_FOUND', 'Pipeline not found');
  return row;
}
