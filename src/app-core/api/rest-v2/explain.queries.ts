// Reads what of a pipeline does not run or still waits, and what each of these waits for.
import { Injectable } from '@nestjs/common';
import { DataSource, In, MoreThan } from 'typeorm';
import { z } from 'zod';
import { JobEntity, presentAgents, TaskEntity } from '../../../execution/index.js';
import {
  PipelineNotRunEntity,
  SerialGroupTicketEntity,
  WorkflowJobEntity,
  type PipelineEntity,
} from '../../../pipelines/index.js';
import type { ExplanationView } from './explain.schemas.js';
import {
  notRunView,
  pipelineExplanation,
  workflowJobExplanation,
  type JobSurroundings,
} from './explain.views.js';
import { key, keyOfToken, LONG_PAGE_SIZE, pageOf, type Page, type PagedList } from './page-token.js';

/** First what the config left out (no workflow id), then the jobs of each workflow. */
const list: PagedList<[string, number]> = {
  name: 'explanations',
  form: z.tuple([z.union([z.literal(''), key.uuid]), key.number]),
};

interface Line {
  key: [string, number];
  view: ExplanationView;
}

type Found = Pick<WorkflowJobEntity, 'workflowId' | 'jobId' | 'ordinal'> & { workflowName: string };

/** Jobs that have run need no explanation. */
const TO_EXPLAIN = `
  SELECT j.workflow_id AS "workflowId", j.job_id AS "jobId", j.ordinal, w.name AS "workflowName"
  FROM workflow w JOIN workflow_job j ON j.workflow_id = w.id
  WHERE w.pipeline_id = $1 AND (w.id, j.ordinal) > ($2::uuid, $3::int)
    AND (j.phase <> 'ended' OR j.status IN ('not_run', 'canceled', 'unauthorized'))
  ORDER BY w.id, j.ordinal LIMIT $4`;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

@Injectable()
export class ExplainQueries {
  constructor(private readonly database: DataSource) {}

  async ofPipeline(pipeline: PipelineEntity, token: string | undefined): Promise<Page<ExplanationView>> {
    if (pipeline.state !== 'created') {
      return { items: pipelineExplanation(pipeline), next_page_token: null };
    }
    const [workflowId, ordinal] = keyOfToken(list, token) ?? ['', -1];
    const lines = workflowId === '' ? await this.leftOut(pipeline.id, ordinal) : [];
    const from: [string, number] = workflowId === '' ? [FIRST_ID, -1] : [workflowId, ordinal];
    if (lines.length <= LONG_PAGE_SIZE) {
      lines.push(...(await this.jobs(pipeline.id, from, LONG_PAGE_SIZE + 1 - lines.length)));
    }
    return pageOf(
      lines,
      LONG_PAGE_SIZE,
      list,
      (line) => line.key,
      (line) => line.view,
    );
  }

  private async leftOut(pipelineId: string, after: number): Promise<Line[]> {
    const rows = await this.database.manager.find(PipelineNotRunEntity, {
      where: { pipelineId, ordinal: MoreThan(after) },
      order: { ordinal: 'ASC' },
      take: LONG_PAGE_SIZE + 1,
    });
    return rows.map((row) => ({ key: ['', row.ordinal], view: notRunView(row) }));
  }

  /** At most `limit`; jobs that turn out to need no explanation are passed over. */
  private async jobs(pipelineId: string, from: [string, number], limit: number): Promise<Line[]> {
    const lines: Line[] = [];
    for (let after = from; lines.length < limit;) {
      const found: Found[] = await this.database.query(TO_EXPLAIN, [pipelineId, ...after, limit]);
      const around = await this.surroundings(found);
      for (const { workflowId, jobId, ordinal, workflowName } of found) {
        const row = around.places.get(`${workflowId} ${jobId}`);
        const view = row && workflowJobExplanation(row, workflowName, around);
        after = [workflowId, ordinal];
        if (view) lines.push({ key: after, view });
      }
      if (found.length < limit) break;
    }
    return lines.slice(0, limit);
  }

  /** All jobs of the workflows, which jobs that wait may require, with what of them is queued. */
  private async surroundings(
    found: readonly { workflowId: string; jobId: string }[],
  ): Promise<JobSurroundings> {
    const workflowIds = [...new Set(found.map((row) => row.workflowId))];
    const jobIds = found.map((row) => row.jobId);
    const { manager } = this.database;
    const [places, jobs, tasks, tickets] = await Promise.all([
      manager.findBy(WorkflowJobEntity, { workflowId: In(workflowIds) }),
      manager.findBy(JobEntity, { id: In(jobIds) }),
      manager.findBy(TaskEntity, { jobId: In(jobIds), state: 'queued' }),
      manager.findBy(SerialGroupTicketEntity, { jobId: In(jobIds), state: 'waiting' }),
    ]);
    const groupIds = tickets.map(({ groupId }) => groupId);
    const holders =
      groupIds.length > 0
        ? await manager.findBy(SerialGroupTicketEntity, { groupId: In(groupIds), state: 'holding' })
        : [];
    return {
      places: new Map(places.map((row) => [`${row.workflowId} ${row.jobId}`, row])),
      byName: new Map(places.map((row) => [`${row.workflowId} ${row.name}`, row])),
      jobs: new Map(jobs.map((job) => [job.id, job])),
      tasks: new Map(tasks.map((task) => [task.jobId, task])),
      tickets: new Map(tickets.map((ticket) => [ticket.jobId, ticket])),
      holders: new Map(holders.map((ticket) => [ticket.groupId, ticket])),
      agents: tasks.length > 0 ? await presentAgents(this.database) : [],
    };
  }
}
