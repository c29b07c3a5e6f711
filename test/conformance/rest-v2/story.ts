// What happens to a pipeline, told by the same commands that the conductor and the agents cause.
import { Readable } from 'node:stream';
import { CommandBus } from '@nestjs/cqrs';
import { Artifacts } from '../../../src/execution/artifacts/artifacts.js';
import { OnJob } from '../../../src/execution/index.js';
import { QueueJob } from '../../../src/execution/jobs/job.commands.js';
import type { JobFacts } from '../../../src/execution/jobs/job.events.js';
import type { TestResultFacts } from '../../../src/execution/test-results/test-results.events.js';
import { OnPipeline, OnWorkflow, type JobDefinition } from '../../../src/pipelines/index.js';
import { requestContext, SYSTEM } from '../../../src/platform/commands/command-context.js';
import { newId } from '../../../src/platform/ids/ids.js';
import type { RestServer } from './rest-server.js';

export const SOURCE = 'version: 2.1\n';
export const COMPILED = 'version: 2\n';

const definition: JobDefinition = {
  executor: { type: 'docker', images: [] },
  resourceClass: 'large',
  parallelism: 2,
  workingDirectory: '~/project',
  environment: {},
  steps: [],
};

export interface StoryWorkflow {
  workflowId: string;
  build: string;
  hold: string;
  deploy: string;
}

export class Story {
  private readonly commands: CommandBus;

  constructor(
    private readonly rest: RestServer,
    private readonly userId: string,
  ) {
    this.commands = rest.server.app.get(CommandBus, { strict: false });
  }

  async compiled(pipelineId: string, projectId: string, branch: string): Promise<void> {
    const commit = {
      revision: 'd'.repeat(40),
      branch,
      subject: 'First',
      body: 'More about it',
      authorName: 'Test',
    };
    await this.commands.execute(
      new OnPipeline(
        {
          type: 'RecordCompiledConfig',
          pipelineId,
          projectId,
          commit,
          source: SOURCE,
          compiled: COMPILED,
          workflows: [],
        },
        requestContext(SYSTEM),
      ),
    );
    await this.settled(`pipeline-${pipelineId}`);
  }

  async errored(pipelineId: string, projectId: string): Promise<void> {
    const errors = [{ type: 'config' as const, message: 'Job "build" is not defined' }];
    await this.commands.execute(
      new OnPipeline({ type: 'RecordConfigErrors', pipelineId, projectId, errors }, requestContext(SYSTEM)),
    );
    await this.settled(`pipeline-${pipelineId}`);
  }

  /** build, then an approval, then deploy. `extra`: as many more jobs that require nothing. */
  async workflow(pipelineId: string, projectId: string): Promise<StoryWorkflow> {
    const ids = { workflowId: newId(), build: newId(), hold: newId(), deploy: newId() };
    const after = (job: string): { job: string; statuses: ['success'] }[] => [{ job, statuses: ['success'] }];
    await this.commands.execute(
      new OnWorkflow(
        {
          type: 'CreateWorkflow',
          workflowId: ids.workflowId,
          pipelineId,
          projectId,
          name: 'main',
          startedBy: this.userId,
          workspaceId: ids.workflowId,
          jobs: [
            { id: ids.build, name: 'build', type: 'build', requires: [] },
            { id: ids.hold, name: 'hold', type: 'approval', requires: after('build') },
            { id: ids.deploy, name: 'deploy', type: 'build', requires: after('hold') },
          ],
        },
        requestContext(SYSTEM),
      ),
    );
    await this.settled(`workflow-${ids.workflowId}`);
    return ids;
  }

  async queued(
    jobId: string,
    name: string,
    at: { workflowId: string; pipelineId: string; projectId: string },
  ): Promise<JobFacts> {
    const facts = {
      jobId,
      name,
      ...at,
      workspaceId: at.workflowId,
      contexts: ['org-global'],
      definition,
      taskIds: [newId(), newId()],
    };
    await this.commands.execute(new QueueJob(facts, requestContext(SYSTEM)));
    await this.settled(`job-${jobId}`);
    return { ...facts, number: 0 };
  }

  async started(job: JobFacts): Promise<void> {
    const command = { type: 'RecordTaskStart', jobId: job.jobId, taskId: job.taskIds[0]! } as const;
    await this.commands.execute(new OnJob(command, requestContext(SYSTEM)));
    await this.settled(`job-${job.jobId}`);
  }

  async succeeded(job: JobFacts): Promise<void> {
    const { jobId, workflowId } = job;
    for (const taskId of job.taskIds)
      await this.commands.execute(
        new OnJob({ type: 'RecordTaskEnd', jobId, taskId, status: 'success' }, requestContext(SYSTEM)),
      );
    await this.commands.execute(
      new OnWorkflow({ type: 'ReportJobEnd', workflowId, jobId, status: 'success' }, requestContext(SYSTEM)),
    );
    await this.settled(`job-${jobId}`);
    await this.settled(`workflow-${workflowId}`);
  }

  async artifact(job: JobFacts, node: number, path: string, content: string): Promise<void> {
    const artifacts = this.rest.server.app.get(Artifacts, { strict: false });
    const at = { job, taskId: job.taskIds[node]!, path };
    await artifacts.save(at, Readable.from([Buffer.from(content)]), requestContext(SYSTEM));
    await this.settled(`artifacts-${job.jobId}`);
  }

  async tests(job: JobFacts, results: TestResultFacts[]): Promise<void> {
    const { jobId, projectId } = job;
    const reportId = newId();
    const report = { reportId, jobId, projectId, taskId: job.taskIds[0], nodeIndex: 0, path: 'r.xml' };
    const events = [
      { type: 'TestReportUploaded', data: { ...report, blobKey: 'none', size: 1 } },
      { type: 'TestResultsParsed', data: { reportId, jobId, first: 0, last: true, results } },
    ];
    await this.rest.server.parts.store.append(`tests-${jobId}`, 'any', events, requestContext(SYSTEM));
    await this.settled(`tests-${jobId}`);
  }

  /** Waits until the read models have taken in the last event of the stream. */
  private async settled(stream: string): Promise<void> {
    const { store, followers } = this.rest.server.parts;
    const last = (await store.readStream(stream)).at(-1)!;
    await followers.caughtUp(last.position, [last.type], 20_000);
  }
}
