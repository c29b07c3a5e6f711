// One task from claim to end: makes the environment, runs the steps by their rules, tells the server.
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../../platform/clock/clock.js';
import { messageOf } from '../../../platform/errors/errors.js';
import type { PlannedStep } from '../../../pipelines/config/index.js';
import type { ClaimedTask, TaskStatus } from '../../protocol/index.js';
import { ExecutorError, type ExecutionEnvironment, type Executor } from '../executors/executor.port.js';
import { maskText } from '../output/masker.js';
import { answerCall } from '../in-job/commands/index.js';
import { CallDesk } from '../in-job/call-desk.js';
import { Pause } from '../pause.js';
import type { HttpClient } from '../server/http-client.js';
import { ClaimOverError, type Logger } from '../server/retry.js';
import { TaskApi } from '../server/server-api.js';
import { goDuration } from '../steps/format.js';
import { TaskEnded, type StepContext } from '../steps/step.js';
import { writeAgentFiles } from './agent-files.js';
import { Courier } from './courier.js';
import { StepRunner } from './step-runner.js';
import { placeTestTimings } from './test-timings.js';
import { TaskVariables, placesOf, secretsOf, type AgentPlaces } from './variables.js';

export interface TaskRunOptions {
  task: ClaimedTask;
  client: HttpClient;
  executor: Executor;
  /** Start of the paths of files for output on its way; they are gone in the end. */
  spoolPath: string;
  /** The server sees the agent's disk, and has its data directory around the agent's. */
  sameMachine: boolean;
  logger: Logger;
  clock: Clock;
}

/** How long the end of a task may take to reach the server once the agent is going, in ms. */
const LAST_WORDS_MS = 5000;
const LONGEST_HOLD_SECONDS = 10;
const FIRST_BEAT_MS = 200;
/** Characters of the message at the end of a task. */
const LONGEST_MESSAGE = 5000;

export class TaskRun {
  private readonly ending = new AbortController();
  private readonly talking = new AbortController();
  private readonly api: TaskApi;
  private readonly courier: Courier;
  private readonly steps: StepRunner;
  private readonly secrets: string[];
  private finishing = false;

  constructor(private readonly options: TaskRunOptions) {
    const { task, client, logger } = options;
    // Each call listens to these; many at once are no leak.
    setMaxListeners(0, this.ending.signal, this.talking.signal);
    this.secrets = secretsOf(task);
    this.api = new TaskApi(client, task.taskId, task.taskToken, logger, this.talking.signal, (status) => {
      // Once the end is being told another call may hear sooner than that one that the server knows it.
      if (!this.finishing) this.end(new TaskEnded('lost', `the server ended this claim (${status})`));
    });
    this.courier = new Courier(this.api, task.outputInReports === true);
    this.steps = new StepRunner({
      api: this.api,
      courier: this.courier,
      secrets: this.secrets,
      spoolPath: options.spoolPath,
      sameMachine: options.sameMachine,
      signal: this.ending.signal,
      clock: options.clock,
    });
  }

  get taskId(): string {
    return this.options.task.taskId;
  }

  /** Ends the task before its time: what runs is killed, nothing else runs. The first reason counts. */
  end(reason: TaskEnded): void {
    if (this.ending.signal.aborted) return;
    this.ending.abort(reason);
    if (reason.status === 'lost') this.talking.abort(reason);
  }

  /** The agent is going: the task ends as infrastructure_fail, and is given up when the server does not hear of it soon. */
  async shutDown(message: string): Promise<void> {
    this.end(new TaskEnded('infrastructure_fail', message));
    const timer = new AbortController();
    void sleep(LAST_WORDS_MS + 10_000, undefined, { signal: timer.signal }).then(
      () => this.talking.abort(new Error('the agent stopped')),
      () => undefined,
    );
    await this.finished.catch(() => undefined).finally(() => timer.abort());
  }

  /** Runs the task. Resolves when nothing of it is left here; never rejects. */
  run(): Promise<void> {
    void this.runToEnd().then(this.resolveFinished);
    return this.finished;
  }

  private environment: ExecutionEnvironment | undefined;
  private resolveFinished!: () => void;
  private readonly finished = new Promise<void>((resolve) => (this.resolveFinished = resolve));

  private async runToEnd(): Promise<void> {
    const { task, logger } = this.options;
    const timer = setTimeout(
      () => {
        const limit = goDuration(task.maxRunSeconds);
        this.end(new TaskEnded('timedout', `Job was ended after its maximum run time of ${limit}`));
      },
      Math.min(task.maxRunSeconds * 1000, 2 ** 31 - 1),
    );
    const beating = this.beat();
    try {
      const end = await this.outcome();
      this.finishing = true;
      // Nothing runs any more; what is left to remove does not keep those who wait for the end.
      await this.courier.finish({
        status: end.status,
        message: end.message && maskText(end.message, this.secrets).slice(0, LONGEST_MESSAGE),
      });
      logger.info({ taskId: task.taskId, status: end.status }, 'task finished');
    } catch (error) {
      const lost = error instanceof ClaimOverError || this.talking.signal.aborted;
      logger[lost ? 'warn' : 'error']({ taskId: task.taskId, reason: messageOf(error) }, 'task given up');
    } finally {
      clearTimeout(timer);
      this.talking.abort(new Error('the task is over'));
      await beating;
      await this.environment?.destroy();
      await this.steps.discard();
    }
  }

  /** Runs everything and ends what is left running; resolves with what the server is to hear. */
  private async outcome(): Promise<{ status: TaskStatus; message?: string }> {
    try {
      // The server must know that the task is ours before anything of the job runs; preparing goes on meanwhile.
      const started = this.courier.started();
      started.catch(() => undefined);
      const preparing = this.steps.perform(
        0,
        { name: 'Spin up environment', type: 'spin_up' },
        async (output) => {
          const { definition } = this.options.task;
          if (definition.executor.type === 'docker' && this.options.executor.name === 'host') {
            output.log(
              `Warning: no Docker engine answers here. The image ${definition.executor.images[0]?.image} is not used: steps run in the shell of this machine.\n`,
            );
          }
          this.environment = await this.options.executor.prepare({
            taskId: this.taskId,
            jobName: this.options.task.jobName,
            definition: this.options.task.definition,
            environment: { ...this.options.task.secretEnvironment, ...this.options.task.builtinEnvironment },
            maxRunSeconds: this.options.task.maxRunSeconds,
            log: (text) => output.log(text),
            signal: this.ending.signal,
          });
          if (this.ending.signal.aborted) await this.environment.destroy();
          return { status: 'success' };
        },
      );
      const prepared = await preparing;
      const { environment } = this;
      if (environment === undefined)
        return { status: prepared.kind ?? 'infrastructure_fail', message: prepared.message };
      this.watch(environment);
      return await this.runSteps(environment, started);
    } catch (error) {
      if (error instanceof TaskEnded && error.status !== 'lost')
        return { status: error.status, message: error.message };
      if (this.ending.signal.aborted || error instanceof ClaimOverError) throw error;
      if (error instanceof ExecutorError) return { status: error.kind, message: error.message };
      return { status: 'infrastructure_fail', message: messageOf(error) };
    } finally {
      this.steps.endBackground();
      await this.environment?.end();
      await this.steps.backgroundEnded();
    }
  }

  /** @param started resolves when the server knows that the task is ours: nothing of the job runs before */
  private async runSteps(
    environment: ExecutionEnvironment,
    started: Promise<void>,
  ): Promise<{ status: TaskStatus }> {
    const { task, clock, executor } = this.options;
    const places = placesOf(task, environment);
    const variables = new TaskVariables(task, environment, places);
    await this.steps
      .perform(
        1,
        { name: 'Preparing environment variables', type: 'prepare_environment' },
        async (output) => {
          await writeAgentFiles(environment, places);
          this.openDesk(environment, places);
          if (task.nodeTotal > 1) {
            await placeTestTimings(this.api, environment, places, (text) => output.log(text));
          }
          output.log(variables.listing());
          return { status: 'success' };
        },
      )
      .then((done) => {
        if (done.status !== 'success')
          throw new ExecutorError(done.message ?? 'the environment cannot be used');
      });
    await started;
    const shell = task.definition.shell ?? (await defaultShell(environment));
    const context: Omit<StepContext, 'index' | 'output'> = {
      ...{ task, api: this.api, executor: executor.name, environment, variables, places, shell },
      signal: this.ending.signal,
      now: () => clock.now(),
    };
    let failed = false;
    let halted = false;
    for (const [position, step] of task.definition.steps.entries()) {
      const index = position + 2;
      if (halted || this.ending.signal.aborted || !isDue(step, failed)) {
        this.steps.skip(index, step);
        continue;
      }
      const { status } = await this.steps.planned(index, step, context);
      if (status !== 'success' && status !== 'running') failed = true;
      if (step.type === 'run' && !this.ending.signal.aborted) {
        halted = (await environment.stat(places.haltFile)) !== undefined;
      }
    }
    this.ending.signal.throwIfAborted();
    return { status: failed ? 'failed' : 'success' };
  }

  /** From now on the in-job command is answered. */
  private openDesk(environment: ExecutionEnvironment, places: AgentPlaces): void {
    const { clock, task } = this.options;
    const desk = new CallDesk(environment, places.calls, (call) =>
      answerCall({
        call,
        environment,
        failedTests: async () => (task.failedTestsOf === undefined ? undefined : this.api.failedTests()),
        now: () => clock.now(),
      }),
    );
    desk.open();
  }

  /** A lost environment ends the task. */
  private watch(environment: ExecutionEnvironment): void {
    environment.died.catch((error: unknown) =>
      this.end(new TaskEnded('infrastructure_fail', messageOf(error))),
    );
  }

  /** Keeps the lease, and hears of a cancel at once, for as long as the task is talked about. */
  private async beat(): Promise<void> {
    const { signal } = this.talking;
    const pause = new Pause();
    signal.addEventListener('abort', () => pause.hurry());
    // The claim was the first sign of life; many a task is over before a second one is due.
    await pause.wait(FIRST_BEAT_MS);
    let waitSeconds = holdSeconds(this.options.task.leaseSeconds);
    while (!signal.aborted) {
      const before = performance.now();
      try {
        const { cancel, leaseSeconds } = await this.api.heartbeat(waitSeconds);
        waitSeconds = holdSeconds(leaseSeconds);
        if (cancel) this.end(new TaskEnded('canceled', 'The job was canceled'));
      } catch (error) {
        if (signal.aborted || this.finishing) return;
        this.options.logger.warn({ taskId: this.taskId, reason: messageOf(error) }, 'heartbeat refused');
      }
      // A server that does not hold the call, or keeps saying "cancel", is not to be called without a pause.
      const early = 1000 - (performance.now() - before);
      if (early > 0 && !signal.aborted) await pause.wait(early);
    }
  }
}

/** Seconds that a heartbeat may be held: well within the lease. */
function holdSeconds(leaseSeconds: number): number {
  return Math.max(0, Math.min(LONGEST_HOLD_SECONDS, Math.floor(leaseSeconds / 3)));
}

/** Whether a step runs, given that an earlier one failed or not (C-230, C-231, C-243). */
export function isDue(step: PlannedStep, failed: boolean): boolean {
  if (step.when === 'on_fail') return failed;
  if (step.when === 'always' || step.type === 'store_artifacts' || step.type === 'store_test_results')
    return true;
  return !failed;
}

async function defaultShell(environment: ExecutionEnvironment): Promise<string> {
  return `${(await environment.stat('/bin/bash')) ? '/bin/bash' : '/bin/sh'} -eo pipefail`;
}
