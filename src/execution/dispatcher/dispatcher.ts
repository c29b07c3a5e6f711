// Hands tasks to agents, hears their reports, and gives up tasks whose agent is gone.
import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { ConflictError } from '../../platform/errors/errors.js';
import { joiningContext, requestContext, SYSTEM } from '../../platform/commands/command-context.js';
import { Aggregates } from '../../platform/event-store/aggregates.js';
import { WrongExpectedRevisionError, type Actor } from '../../platform/event-store/event-store.port.js';
import { SETTINGS } from '../../platform/tokens.js';
import type { Settings } from '../../../config/settings.js';
import type { ClaimedTask, ClaimRequest, HeartbeatResponse, TaskReport } from '../protocol/index.js';
import { taskDecider } from '../tasks/task.decider.js';
import { OnTask } from '../tasks/task.commands.js';
import { Leases } from './leases.js';
import { QUEUED, TaskSignals } from './task-signals.js';
import { TaskPayloads, type WaitingTask } from './task-payloads.js';

/** How many waiting tasks are looked at for one claim. */
const CANDIDATES = 20;
/** How often a long poll looks again by itself, should a wake-up of another process be missed. */
const LOOK_AGAIN_MS = 1000;

export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** An agent's hold on a task. */
export interface HeldClaim {
  taskId: string;
  jobId: string;
  claim: number;
  tokenHash: string;
  agentId: string;
  agentName: string;
  cancelRequested: boolean;
  /** The chain that the task belongs to. */
  correlationId: string;
}

@Injectable()
export class Dispatcher {
  constructor(
    private readonly database: DataSource,
    private readonly aggregates: Aggregates,
    private readonly commands: CommandBus,
    private readonly payloads: TaskPayloads,
    private readonly leases: Leases,
    private readonly signals: TaskSignals,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** The next task for this agent; undefined when none came within `waitSeconds`. */
  async claim(request: ClaimRequest, signal: AbortSignal): Promise<ClaimedTask | undefined> {
    const deadline = Date.now() + Math.min(Math.max(request.waitSeconds, 0), 30) * 1000;
    while (!signal.aborted) {
      const claimed = await this.claimNow(request);
      const left = deadline - Date.now();
      if (claimed || left <= 0) return claimed;
      await this.signals.wait(QUEUED, Math.min(left, LOOK_AGAIN_MS), signal);
    }
    return undefined;
  }

  /**
   * The claim that a task token stands for. Reads the task's own stream, not the read model, which may be a moment
   * behind; `fresh` also not this process's memory of it. ConflictError when the claim is over.
   */
  async held(taskId: string, token: string, fresh: boolean): Promise<HeldClaim> {
    const tokenHash = hashToken(token);
    for (const again of fresh ? [true] : [false, true]) {
      const { state, correlationId = taskId } = await this.aggregates.load(
        taskDecider,
        `task-${taskId}`,
        again,
      );
      const { jobId, claim, agentId, agentName, cancelRequested } = state;
      if (state.tokenHash === tokenHash) {
        return { taskId, tokenHash, jobId, claim, agentId, agentName, cancelRequested, correlationId };
      }
    }
    throw new ConflictError('TASK.CLAIM_OVER', 'this claim of the task is over');
  }

  /** Adds one lease; waits for a word to the agent. ConflictError when the claim is over. */
  async heartbeat(
    taskId: string,
    token: string,
    waitSeconds: number,
    signal: AbortSignal,
  ): Promise<HeartbeatResponse> {
    const leaseSeconds = this.settings.leaseSeconds;
    const before = await this.held(taskId, token, true);
    await this.leases.extend(taskId, before.claim, leaseSeconds);
    if (before.cancelRequested || waitSeconds <= 0) return { cancel: before.cancelRequested, leaseSeconds };
    await this.signals.wait(taskId, Math.min(waitSeconds, 10, leaseSeconds / 3) * 1000, signal);
    // The agent has hung up: nobody waits for an answer.
    if (signal.aborted) return { cancel: false, leaseSeconds };
    const { cancelRequested } = await this.held(taskId, token, true);
    return { cancel: cancelRequested, leaseSeconds };
  }

  async report(task: HeldClaim, report: TaskReport): Promise<void> {
    const { taskId, jobId, tokenHash } = task;
    const command = { type: 'ReportTask', taskId, jobId, tokenHash, report } as const;
    await this.commands.execute(
      new OnTask(command, joiningContext(agentActor(task.agentId, task.agentName))),
    );
    if (report.finished) await this.leases.drop(taskId);
  }

  /** Gives up every task whose lease is over. Returns how many. */
  async reapLost(): Promise<number> {
    const lost = await this.leases.expired(this.settings.leaseSeconds, 100);
    for (const { taskId, jobId, claim, agentName } of lost) {
      const reason = `the agent ${agentName} gave no sign of life for ${this.settings.leaseSeconds} s`;
      await this.commands.execute(
        new OnTask({ type: 'LoseTask', taskId, jobId, claim, reason }, joiningContext(SYSTEM)),
      );
      await this.leases.drop(taskId);
    }
    return lost.length;
  }

  private async claimNow(request: ClaimRequest): Promise<ClaimedTask | undefined> {
    for (const task of await this.candidates(request)) {
      const taskToken = randomBytes(32).toString('base64url');
      const { agentId, agentName } = request;
      const ref = { taskId: task.id, jobId: task.jobId };
      try {
        const claim = {
          type: 'ClaimTask',
          ...ref,
          agentId,
          agentName,
          tokenHash: hashToken(taskToken),
        } as const;
        const outcome = await this.commands.execute(
          new OnTask(claim, requestContext(agentActor(agentId, agentName), task.correlationId ?? undefined)),
        );
        const [payload] = await Promise.all([
          this.payloads.of(task),
          this.leases.extend(task.id, outcome.state.claim, this.settings.leaseSeconds),
        ]);
        return { ...payload, taskToken, leaseSeconds: this.settings.leaseSeconds };
      } catch (error) {
        // Another agent was faster: the next one.
        if (!(error instanceof ConflictError || error instanceof WrongExpectedRevisionError)) throw error;
      }
    }
    return undefined;
  }

  private candidates(request: ClaimRequest): Promise<WaitingTask[]> {
    return this.database.query(
      `SELECT id, job_id AS "jobId", node_index AS "nodeIndex", correlation_id AS "correlationId" FROM task
       WHERE state = 'queued' AND executor = ANY($1) AND ($2 OR resource_class = ANY($3))
       ORDER BY queued_at, id LIMIT ${CANDIDATES}`,
      [request.executors, request.resourceClasses.includes('*'), request.resourceClasses],
    );
  }
}

export function agentActor(agentId: string, agentName: string): Actor {
  return { type: 'agent', id: agentId, login: agentName };
}
