// Gives commands to workflows and waits until what they changed can be read.
import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { requestContext } from '../../../platform/commands/command-context.js';
import { ConflictError, InvalidInputError } from '../../../platform/errors/errors.js';
import { FollowerHost } from '../../../platform/followers/follower-host.js';
import { TestHistory } from '../../../execution/index.js';
import { OnWorkflow, RerunWorkflow, type WorkflowEvent } from '../../../pipelines/index.js';
import { actorOf } from '../../identity/auth.guard.js';
import type { Caller } from '../../identity/identity.js';
import type { RerunBody } from './workflows.schemas.js';

const SEEN_IN: WorkflowEvent['type'][] = ['WorkflowCreated'];

type WorkflowCommand = ConstructorParameters<typeof OnWorkflow>[0];

@Injectable()
export class WorkflowCommands {
  constructor(
    private readonly commands: CommandBus,
    private readonly followers: FollowerHost,
    private readonly tests: TestHistory,
  ) {}

  approve(workflowId: string, jobId: string, caller: Caller): Promise<void> {
    return this.give({ type: 'ApproveJob', workflowId, jobId, approvedBy: caller.userId }, caller);
  }

  cancel(workflowId: string, caller: Caller): Promise<void> {
    return this.give({ type: 'CancelWorkflow', workflowId, canceledBy: caller.userId }, caller);
  }

  /** Through the workflow, so that a job that is blocked or on hold can be canceled as well as one that runs. */
  cancelJob(workflowId: string, jobId: string, caller: Caller): Promise<void> {
    return this.give({ type: 'CancelWorkflowJob', workflowId, jobId, canceledBy: caller.userId }, caller);
  }

  /** Starts the workflow again and returns the id of the new one. */
  async rerun(workflowId: string, body: RerunBody, caller: Caller): Promise<string> {
    const request = { ...rerunOf(body), workflowId, startedBy: caller.userId };
    if (request.failedTests) await this.checkFailedTests(workflowId);
    const context = requestContext(actorOf(caller));
    const started = await this.commands.execute(new RerunWorkflow(request, context));
    await this.followers.caughtUp(started.position, SEEN_IN);
    return started.workflowId;
  }

  private async checkFailedTests(workflowId: string): Promise<void> {
    const found = await this.tests.rerunnable(workflowId);
    if (found === 'unread')
      throw new ConflictError('RERUN.TESTS_UNREAD', 'The test results are still being read, try again.');
    if (found === 'none')
      throw new InvalidInputError(
        'RERUN.NO_FAILED_TESTS',
        'can not rerun failed tests: no failed tests could be found',
      );
  }

  private async give(command: WorkflowCommand, caller: Caller): Promise<void> {
    const outcome = await this.commands.execute(new OnWorkflow(command, requestContext(actorOf(caller))));
    if ('appended' in outcome) await this.followers.caughtUp(outcome.appended.position, SEEN_IN);
  }
}

/** Checks what the fields say together. An empty list of jobs is what some clients send for none. */
export function rerunOf(body: RerunBody): { fromFailed: boolean; failedTests?: boolean; jobIds?: string[] } {
  const failedTests = body.failed_tests ?? false;
  const fromFailed = failedTests || (body.from_failed ?? false);
  const jobIds = body.jobs?.length ? body.jobs.map((id) => id.toLowerCase()) : undefined;
  if (body.enable_ssh)
    throw new InvalidInputError(
      'RERUN.SSH',
      "JSON field 'enable_ssh': this server has no SSH access to jobs.",
    );
  if (failedTests && jobIds)
    throw new InvalidInputError(
      'RERUN.BOTH',
      "JSON fields 'failed_tests' and 'jobs' are mutually exclusive.",
    );
  if (fromFailed && jobIds)
    throw new InvalidInputError('RERUN.BOTH', "JSON fields 'from_failed' and 'jobs' are mutually exclusive.");
  if (body.sparse_tree && !jobIds)
    throw new InvalidInputError('RERUN.SPARSE', "JSON field 'sparse_tree' needs the field 'jobs'.");
  return { fromFailed, jobIds, ...(failedTests && { failedTests }) };
}
