// Between the workflow, the job and its tasks: queues what is ready, stops what is canceled, reports what has ended.
import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { reactionContext } from '../../platform/commands/command-context.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { ProcessManager } from '../../platform/followers/follower.types.js';
import { derivedId } from '../../platform/ids/ids.js';
import {
  OnWorkflow,
  PipelinePlans,
  type WorkflowJobCancelRequested,
  type WorkflowJobReady,
} from '../../pipelines/index.js';
import { TASK_SECRETS, type TaskSecrets } from '../dispatcher/task-secrets.port.js';
import { OnTask } from '../tasks/task.commands.js';
import type { TaskEnded, TaskStarted } from '../tasks/task.events.js';
import { OnJob, QueueJob } from './job.commands.js';
import type { JobCancelRequested, JobEnded } from './job.events.js';

type Followed =
  WorkflowJobReady | WorkflowJobCancelRequested | TaskStarted | TaskEnded | JobCancelRequested | JobEnded;

@Injectable()
export class JobProcessManager implements ProcessManager {
  readonly name = 'jobs-of-workflows';
  readonly eventTypes = [
    'WorkflowJobReady',
    'WorkflowJobCancelRequested',
    'TaskStarted',
    'TaskEnded',
    'JobCancelRequested',
    'JobEnded',
  ] satisfies Followed['type'][];

  constructor(
    private readonly commands: CommandBus,
    private readonly plans: PipelinePlans,
    @Inject(TASK_SECRETS) private readonly secrets: TaskSecrets,
  ) {}

  async react(recorded: RecordedEvent): Promise<void> {
    const { type, data } = recorded as RecordedEvent & Followed;
    const context = reactionContext(recorded, 'job');
    switch (type) {
      case 'WorkflowJobReady':
        return this.queue(recorded, data);
      case 'WorkflowJobCancelRequested':
        await this.commands.execute(
          new OnJob({ type: 'CancelJob', jobId: data.jobId, canceledBy: data.canceledBy }, context),
        );
        return;
      case 'TaskStarted':
        await this.commands.execute(
          new OnJob({ type: 'RecordTaskStart', jobId: data.jobId, taskId: data.taskId }, context),
        );
        return;
      case 'TaskEnded': {
        const { jobId, taskId, status } = data;
        await this.commands.execute(new OnJob({ type: 'RecordTaskEnd', jobId, taskId, status }, context));
        return;
      }
      case 'JobCancelRequested':
        for (const taskId of data.taskIds) {
          await this.commands.execute(
            new OnTask({ type: 'CancelTask', taskId, jobId: data.jobId }, reactionContext(recorded, taskId)),
          );
        }
        return;
      case 'JobEnded': {
        const { workflowId, jobId, status } = data;
        await this.commands.execute(
          new OnWorkflow({ type: 'ReportJobEnd', workflowId, jobId, status }, context),
        );
      }
    }
  }

  private async queue(recorded: RecordedEvent, data: WorkflowJobReady['data']): Promise<void> {
    const { compiled } = await this.plans.get(data.pipelineId, data.phase ?? 'main');
    const workflow = compiled.workflows.find(({ name }) => name === data.workflowName);
    const planned = workflow?.jobs.find(({ name }) => name === data.name);
    if (!planned?.definition) throw new Error(`pipeline ${data.pipelineId} has no job ${data.name}`);
    const { jobId, workflowId, pipelineId, projectId, workspaceId, name, phase, failedTestsOf } = data;
    const { definition, contexts } = planned;
    const reason = await this.secrets.refusal(projectId, contexts);
    if (reason !== undefined) {
      const end = { type: 'ReportJobEnd', workflowId, jobId, status: 'unauthorized', reason } as const;
      await this.commands.execute(new OnWorkflow(end, reactionContext(recorded, 'refused')));
      return;
    }
    const taskIds = Array.from({ length: definition.parallelism }, (_, index) =>
      derivedId(jobId, 'task', index),
    );
    const facts = {
      jobId,
      workflowId,
      pipelineId,
      projectId,
      workspaceId,
      name,
      contexts,
      definition,
      taskIds,
      ...(phase && { phase }),
      ...(failedTestsOf !== undefined && { failedTestsOf }),
    };
    await this.commands.execute(new QueueJob(facts, reactionContext(recorded, 'queue')));
  }
}
