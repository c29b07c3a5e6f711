// What an agent is told about a task it has claimed.
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { getRow } from '../../platform/database/rows.js';
import type { Settings } from '../../../config/settings.js';
import { NotFoundError } from '../../platform/errors/errors.js';
import type { EventStore } from '../../platform/event-store/event-store.port.js';
import { EVENT_STORE, SETTINGS } from '../../platform/tokens.js';
import { ContinuationKeys, PipelinePlans, ProjectEntity } from '../../pipelines/index.js';
import type { JobFacts, JobQueued } from '../jobs/job.events.js';
import type { ClaimedTask } from '../protocol/index.js';
import { TASK_SECRETS, type TaskSecrets } from './task-secrets.port.js';
import { builtinEnvironment } from './builtin-environment.js';

const KEPT = 200;

/** What a claim needs to know of a task. */
export interface WaitingTask {
  id: string;
  jobId: string;
  nodeIndex: number;
  /** The chain that its job belongs to. */
  correlationId: string | null;
}

@Injectable()
export class TaskPayloads {
  private readonly recent = new Map<string, JobFacts>();

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    private readonly plans: PipelinePlans,
    private readonly continuationKeys: ContinuationKeys,
    private readonly database: DataSource,
    @Inject(TASK_SECRETS) private readonly taskSecrets: TaskSecrets,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  async of(task: WaitingTask): Promise<Omit<ClaimedTask, 'taskToken' | 'leaseSeconds'>> {
    const job = await this.facts(task.jobId);
    const plan = await this.plans.get(job.pipelineId, job.phase ?? 'main');
    const project = await getRow(this.database, ProjectEntity, { id: job.projectId });
    const { branch, tag, revision } = plan.compiled.commit;
    const environment = builtinEnvironment({
      job,
      plan,
      organizationId: project.organizationId,
      nodeIndex: task.nodeIndex,
      publicUrl: this.settings.publicUrl,
      previousBuildNumber: job.number > 1 ? job.number - 1 : undefined,
    });
    return {
      taskId: task.id,
      nodeIndex: task.nodeIndex,
      nodeTotal: job.taskIds.length,
      jobId: job.jobId,
      jobName: job.name,
      jobNumber: job.number,
      builtinEnvironment: environment,
      secretEnvironment: await this.secrets(job),
      definition: job.definition,
      branch: branch ?? tag,
      revision,
      maxRunSeconds: Math.round(this.settings.maxJobRunTime / 1000),
      outputInReports: true,
      ...(job.failedTestsOf !== undefined && { failedTestsOf: job.failedTestsOf }),
    };
  }

  /** A job of a setup workflow is handed the key that continues its pipeline (LANGUAGE C-025). */
  private async secrets({
    phase,
    pipelineId,
    projectId,
    contexts,
  }: JobFacts): Promise<Record<string, string>> {
    const own = await this.taskSecrets.of(projectId, contexts);
    if (phase !== 'setup') return own;
    return { ...own, CIRCLE_CONTINUATION_KEY: await this.continuationKeys.of(pipelineId) };
  }

  /** The facts of a queued job; they never change. */
  async facts(jobId: string): Promise<JobFacts> {
    const known = this.recent.get(jobId);
    if (known) return known;
    const [first] = await this.store.readStream(`job-${jobId}`, 0, 1);
    if (!first) throw new NotFoundError('JOB.NOT_FOUND', 'Job not found');
    const { data } = first as typeof first & JobQueued;
    this.recent.set(jobId, data);
    if (this.recent.size > KEPT) this.recent.delete(this.recent.keys().next().value!);
    return data;
  }
}
