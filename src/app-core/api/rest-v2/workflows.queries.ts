// Reads workflows and the jobs in them.
import { Injectable } from '@nestjs/common';
import { DataSource, In, LessThan } from 'typeorm';
import { findRow, getRow } from '../../../platform/database/rows.js';
import { z } from 'zod';
import { JobEntity } from '../../../execution/index.js';
import { PipelineEntity, WorkflowEntity, WorkflowJobEntity } from '../../../pipelines/index.js';
import { NotFoundError } from '../../../platform/errors/errors.js';
import {
  key,
  keyOfToken,
  LONG_PAGE_SIZE,
  PAGE_SIZE,
  pageOf,
  type Page,
  type PagedList,
} from './page-token.js';
import type { WorkflowJobView, WorkflowView } from './workflows.schemas.js';
import { workflowJobView, workflowView } from './workflows.views.js';

const byId: PagedList<[string]> = { name: 'workflows', form: z.tuple([key.uuid]) };
const byOrdinal: PagedList<[number]> = { name: 'workflow-jobs', form: z.tuple([key.number]) };

@Injectable()
export class WorkflowQueries {
  constructor(private readonly database: DataSource) {}

  async get(id: string): Promise<WorkflowView> {
    const workflow = await this.find(id);
    return workflowView(workflow, await this.pipelineOf(workflow));
  }

  /** The workflows of a pipeline, newest first. */
  async ofPipeline(pipeline: PipelineEntity, token: string | undefined): Promise<Page<WorkflowView>> {
    const before = keyOfToken(byId, token)?.[0];
    const rows = await this.database.manager.find(WorkflowEntity, {
      where: { pipelineId: pipeline.id, ...(before === undefined ? {} : { id: LessThan(before) }) },
      order: { id: 'DESC' },
      take: PAGE_SIZE + 1,
    });
    return pageOf(
      rows,
      PAGE_SIZE,
      byId,
      (row) => [row.id],
      (row) => workflowView(row, pipeline),
    );
  }

  /** The jobs of a workflow in the order of the config. The whole graph is read: dependencies are shown as ids. */
  async jobs(id: string, token: string | undefined): Promise<Page<WorkflowJobView>> {
    const after = keyOfToken(byOrdinal, token)?.[0] ?? -1;
    const workflow = await this.find(id);
    const { projectSlug } = await this.pipelineOf(workflow);
    const all = await this.database.manager.find(WorkflowJobEntity, {
      where: { workflowId: id },
      order: { ordinal: 'ASC' },
    });
    const idOf = new Map(all.map((row) => [row.name, row.jobId]));
    const rows = all.filter((row) => row.ordinal > after).slice(0, LONG_PAGE_SIZE + 1);
    const found = await this.database.manager.findBy(JobEntity, { id: In(rows.map((row) => row.jobId)) });
    const jobs = new Map(found.map((job) => [job.id, job]));
    return pageOf(
      rows,
      LONG_PAGE_SIZE,
      byOrdinal,
      (row) => [row.ordinal],
      (row) => workflowJobView(row, jobs.get(row.jobId), idOf, projectSlug),
    );
  }

  private async find(id: string): Promise<WorkflowEntity> {
    const workflow = await findRow(this.database, WorkflowEntity, { id });
    if (!workflow) throw new NotFoundError('WORKFLOW.NOT_FOUND', 'Workflow not found');
    return workflow;
  }

  private pipelineOf(workflow: WorkflowEntity): Promise<PipelineEntity> {
    return getRow(this.database, PipelineEntity, { id: workflow.pipelineId });
  }
}
