// The agent: claims tasks over HTTP, runs them with an executor, tells the server (DESIGN D9). Plain TypeScript, so that
// `rotunda agent --server URL --token T` needs nothing else on a fresh machine.
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock, type Clock } from '../../platform/clock/clock.js';
import { messageOf } from '../../platform/errors/errors.js';
import type { ClaimedTask } from '../protocol/index.js';
import type { Executor } from './executors/executor.port.js';
import { HttpClient } from './server/http-client.js';
import { pauseOf, type Logger } from './server/retry.js';
import { claimTask, tellLeaving } from './server/server-api.js';
import { TaskEnded } from './steps/step.js';
import { TaskRun } from './task/task-run.js';

export type JobKind = 'docker' | 'machine';
export type ExecutorChoice = Readonly<Record<JobKind, readonly Executor[]>>;

export interface AgentOptions {
  /** Where the server answers, e.g. `http://127.0.0.1:8080`; may have a path. */
  serverUrl: string;
  /** The agent token; secret. */
  token: string;
  /** A UUID; a new one by default. */
  agentId?: string;
  /** Shown to people, e.g. the host name. */
  name: string;
  resourceClasses: string[];
  /** Shown to people, to tell agents apart by. */
  labels?: Record<string, string>;
  /** Of this program; shown to people. */
  version?: string;
  /** By the type of a job, in order of preference: the first one that is available when a task comes runs it. */
  executors: ExecutorChoice;
  /** Tasks at once. */
  capacity?: number;
  /** For output on its way to the server; made when missing. */
  spoolDirectory: string;
  /** The spool directory is `agent/spool` of the server's own data directory: the server takes large output from there. */
  sameMachine?: boolean;
  logger: Logger;
  clock?: Clock;
  /** Seconds that a claim may be held by the server, 0 to 30. */
  claimWaitSeconds?: number;
  /** Milliseconds between two looks for what killed agents left behind, 10 minutes by default. */
  sweepMs?: number;
}

/** How often executors are asked again while none is available, in ms. */
const UNAVAILABLE_PAUSE_MS = 10_000;
/** An executor that answered is asked again after this time, in ms. */
const AVAILABLE_FOR_MS = 30_000;
/** How often what killed agents left behind is looked for, in ms. */
const SWEEP_MS = 600_000;

export class Agent {
  readonly agentId: string;
  private readonly client: HttpClient;
  private readonly capacity: number;
  private readonly runs = new Map<string, TaskRun>();
  private readonly ended = new Set<Promise<void>>();
  private readonly claiming = new AbortController();
  private readonly spool: string;
  private slotFreed: () => void = () => undefined;
  private loop: Promise<void> | undefined;
  private sweeping: Promise<void> | undefined;
  private readonly chosen = new Map<JobKind, { found: Executor; until: number }>();
  /** Why no executor for a kind of jobs can work, as it was told last. */
  private readonly missing = new Map<JobKind, string>();

  constructor(private readonly options: AgentOptions) {
    this.agentId = options.agentId ?? randomUUID();
    this.capacity = options.capacity ?? 2;
    this.client = new HttpClient(options.serverUrl);
    this.spool = join(options.spoolDirectory, `agent-${process.pid}-${this.agentId}`);
  }

  /** How many tasks run now. */
  get running(): number {
    return this.runs.size;
  }

  /** Removes what killed agents left behind, then claims and runs tasks until drain() or stop(). May be called once. */
  async start(): Promise<void> {
    if (this.loop !== undefined) throw new Error('this agent was started already');
    await mkdir(this.spool, { recursive: true });
    await this.removeOldSpools();
    const { docker, machine } = this.options.executors;
    for (const executor of new Set([...docker, ...machine])) {
      const { ok } = await executor.available();
      if (!ok) continue;
      await executor.cleanUp(new Set()).catch((error: unknown) => {
        this.options.logger.warn(
          { executor: executor.name, reason: messageOf(error) },
          'clean-up of old tasks failed',
        );
      });
    }
    this.loop = this.claimLoop();
    this.sweeping = this.sweepLoop();
  }

  /**
   * Claims nothing more and waits for what runs, at most `graceMs`; then ends it as infrastructure_fail. Resolves when
   * nothing of it is left here.
   * @param graceMs Infinity waits as long as the tasks take, each of which has its own limit
   */
  async drain(graceMs: number): Promise<void> {
    this.claiming.abort(new Error('the agent is draining'));
    this.slotFreed();
    await this.loop;
    if (this.ended.size > 0) await this.tell('draining');
    await this.sweeping;
    const done = new AbortController();
    const waiting = Promise.all(this.ended).finally(() => done.abort());
    const limit = Number.isFinite(graceMs)
      ? sleep(graceMs, undefined, { signal: done.signal }).catch(() => undefined)
      : waiting;
    await Promise.race([waiting, limit]);
    done.abort();
    await Promise.all(
      [...this.runs.values()].map((run) => run.shutDown('The agent that ran this job was stopped')),
    );
    await waiting;
    await this.tell('gone');
    this.client.close();
    await rm(this.spool, { recursive: true, force: true });
  }

  /** Ends at once: what runs is killed and reported as infrastructure_fail. */
  async stop(): Promise<void> {
    await this.drain(0);
  }

  /** Ends all that runs as canceled: for a keeper who does not want to wait while the agent drains. */
  cancelAll(): void {
    for (const run of this.runs.values())
      run.end(
        new TaskEnded('canceled', 'The job was canceled: the agent that ran it was told to stop at once'),
      );
  }

  /** What the server knows of the agent is for people only: it may not hear of it. */
  private async tell(state: 'draining' | 'gone'): Promise<void> {
    await tellLeaving(this.client, this.options.token, { agentId: this.agentId, state }).catch(
      (error: unknown) =>
        this.options.logger.info(
          { state, reason: messageOf(error) },
          'the server did not hear that this agent goes',
        ),
    );
  }

  private async claimLoop(): Promise<void> {
    const { signal } = this.claiming;
    for (let failures = 0; !signal.aborted;) {
      if (this.runs.size >= this.capacity) {
        await new Promise<void>((resolve) => (this.slotFreed = resolve));
        continue;
      }
      try {
        const [docker, machine] = [await this.available('docker'), await this.available('machine')];
        if (!docker && !machine) {
          await sleep(UNAVAILABLE_PAUSE_MS, undefined, { signal });
          continue;
        }
        const kinds = [...(docker ? ['docker' as const] : []), ...(machine ? ['machine' as const] : [])];
        const task = await this.claim(kinds, signal);
        failures = 0;
        if (task) this.run(task, task.definition.executor.type === 'docker' ? docker! : machine!);
      } catch (error) {
        if (signal.aborted) return;
        if (failures % 30 === 0)
          this.options.logger.warn({ reason: messageOf(error) }, 'no task could be claimed, trying on');
        await sleep(pauseOf(failures++), undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Other agents of this engine may be killed at any time. */
  private async sweepLoop(): Promise<void> {
    const { signal } = this.claiming;
    const { executors, logger, sweepMs = SWEEP_MS } = this.options;
    const swept = [...new Set([...executors.docker, ...executors.machine])].filter(
      (executor) => executor.sweep,
    );
    while (swept.length > 0 && !signal.aborted) {
      await sleep(sweepMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      for (const executor of swept) {
        await executor.sweep?.(this.runs).catch((error: unknown) => {
          logger.warn({ executor: executor.name, reason: messageOf(error) }, 'old tasks were not removed');
        });
      }
    }
  }

  private async claim(executors: JobKind[], signal: AbortSignal): Promise<ClaimedTask | undefined> {
    const { name, resourceClasses, token, claimWaitSeconds = 25, version, labels } = this.options;
    const request = {
      agentId: this.agentId,
      agentName: name,
      resourceClasses,
      executors,
      waitSeconds: claimWaitSeconds,
      capacity: this.capacity,
      ...(version !== undefined && { version }),
      ...(labels && { labels }),
    };
    const before = performance.now();
    const task = await claimTask(this.client, token, request, signal);
    // A server that does not hold the call is not to be called without a pause.
    if (task === undefined && performance.now() - before < 200) await sleep(200, undefined, { signal });
    return task;
  }

  private run(task: ClaimedTask, executor: Executor): void {
    const { taskId } = task;
    const { logger, clock = systemClock, sameMachine = false } = this.options;
    if (this.runs.has(taskId)) {
      logger.error({ taskId }, 'the server gave a task that runs here already; ignored');
      return;
    }
    logger.info({ taskId, job: task.jobName, executor: executor.name }, 'task claimed');
    const spoolPath = join(this.spool, taskId);
    const run = new TaskRun({ task, client: this.client, executor, spoolPath, sameMachine, logger, clock });
    this.runs.set(taskId, run);
    const ended = run.run().then(() => {
      this.runs.delete(taskId);
      this.ended.delete(ended);
      this.slotFreed();
    });
    this.ended.add(ended);
  }

  /** The first executor for a kind of jobs that can work; it is asked again from time to time, since an engine may come and go. */
  private async available(kind: JobKind): Promise<Executor | undefined> {
    const chosen = this.chosen.get(kind);
    if (chosen && performance.now() < chosen.until) return chosen.found;
    const reasons: string[] = [];
    for (const found of this.options.executors[kind]) {
      const answer = await found.available();
      if (answer.ok) {
        if (chosen?.found !== found)
          this.options.logger.info(
            { jobs: kind, executor: found.name, detail: answer.detail },
            'jobs run here',
          );
        this.missing.delete(kind);
        this.chosen.set(kind, { found, until: performance.now() + AVAILABLE_FOR_MS });
        return found;
      }
      reasons.push(`${found.name}: ${answer.reason}`);
    }
    this.chosen.delete(kind);
    // Once for each reason: it is asked before every claim. An agent without executors for a kind is not meant for it.
    const told = reasons.join('; ');
    if (told !== '' && this.missing.get(kind) !== told)
      this.options.logger.warn(
        { jobs: kind, reasons },
        'no executor is available for these jobs, none is claimed',
      );
    this.missing.set(kind, told);
    return undefined;
  }

  /** Output that killed agents could not deliver any more: their claims are over. */
  private async removeOldSpools(): Promise<void> {
    for (const name of await readdir(this.options.spoolDirectory)) {
      const pid = Number(/^agent-(\d+)-/.exec(name)?.[1]);
      if (pid > 0 && pid !== process.pid && !isAlive(pid)) {
        await rm(join(this.options.spoolDirectory, name), { recursive: true, force: true });
      }
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
