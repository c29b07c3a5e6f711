// Reads jobs, by id or by their number in a project.
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { findRow, getRow } from '../../../platform/database/rows.js';
import { JobEntity, TaskEntity } from '../../../execution/index.js';
import {
  PipelineEntity,
  ProjectEntity,
  WorkflowEntity,
  WorkflowJobEntity,
} from '../../../pipelines/index.js';
import { NotFoundError } from '../../../platform/errors/errors.js';
import type { JobRows } from './jobs.views.js';

@Injectable()
export class JobQueries {
  constructor(private readonly database: DataSource) {}

  async byNumber(projectId: string, number: number): Promise<JobEntity> {
    const job = await findRow(this.database, JobEntity, { projectId, number });
    if (!job) throw noJob();
    return job;
  }

  /** The job's place in the newest workflow that has it. */
  async place(jobId: string): Promise<WorkflowJobEntity> {
    const place = await this.database.manager.findOne(WorkflowJobEntity, {
      where: { jobId },
      order: { workflowId: 'DESC' },
    });
    if (!place) throw noJob();
    return place;
  }

  async details(jobId: string): Promise<JobRows> {
    const db = this.database.manager;
    const place = await this.place(jobId);
    const [workflow, job, tasks] = await Promise.all([
      getRow(db, WorkflowEntity, { id: place.workflowId }),
      findRow(db, JobEntity, { id: jobId }),
      db.find(TaskEntity, { where: { jobId }, order: { nodeIndex: 'ASC' } }),
    ]);
    const [pipeline, project] = await Promise.all([
      getRow(db, PipelineEntity, { id: workflow.pipelineId }),
      getRow(db, ProjectEntity, { id: workflow.projectId }),
    ]);
    return { project, pipeline, workflow, place, job: job ?? undefined, tasks };
  }
}

function noJob(): NotFoundError {
  return new NotFoundError('JOB.NOT_FOUND', 'Job not found');
}
