// Does the steps of one task: reports, output and the end of each; keeps those that run in the background.
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../../platform/clock/clock.js';
import { messageOf } from '../../../platform/errors/errors.js';
import type { PlannedStep, RunStep } from '../../../pipelines/config/index.js';
import type { StepReport, StepStatus } from '../../protocol/index.js';
import { ExecutorError } from '../executors/executor.port.js';
import { StepOutput } from '../output/step-output.js';
import { RefusedError } from '../server/retry.js';
import type { TaskApi } from '../server/server-api.js';
import { performStep } from '../steps/index.js';
import { failureTail, startCommand } from '../steps/run.step.js';
import { StepFailure, TaskEnded, type StepContext, type StepResult } from '../steps/step.js';
import type { Courier } from './courier.js';

export interface StepRunnerOptions {
  api: TaskApi;
  courier: Courier;
  secrets: string[];
  /** Start of the paths of the files that hold much output on its way. */
  spoolPath: string;
  /** The server sees the agent's disk. */
  sameMachine: boolean;
  /** Aborted with a TaskEnded when the task ends before its time. */
  signal: AbortSignal;
  clock: Clock;
}

export interface StepEnd {
  status: StepStatus;
  /** What went wrong, for people. */
  message?: string;
  /** The task's status when its environment could not be made. */
  kind?: ExecutorError['kind'];
}

/** How long what stops by itself at the end of the task may take for it, in ms. */
const KILL_LIMIT_MS = 15_000;
const LOSS_NOTICED_MS = 300;
/** Exit code of a command that got SIGKILL, by the kernel when memory is out or with its container. */
const KILLED = 137;

type StepHead = Pick<StepReport, 'name' | 'type' | 'command' | 'background'>;

export class StepRunner {
  private readonly outputs: StepOutput[] = [];
  private readonly background: Promise<unknown>[] = [];
  private readonly backgroundEnd = new AbortController();

  constructor(private readonly options: StepRunnerOptions) {
    setMaxListeners(0, this.backgroundEnd.signal);
  }

  /** Does one planned step; a background step is only started, its status is then `running`. */
  async planned(
    index: number,
    step: PlannedStep,
    context: Omit<StepContext, 'index' | 'output'>,
  ): Promise<StepEnd> {
    const head = headOf(step);
    if (step.type === 'run' && step.background) {
      const started = new Promise<void>((resolve) => {
        const work = (output: StepOutput) => this.inBackground(step, { ...context, index, output }, resolve);
        this.background.push(
          this.perform(index, head, work).then(
            () => resolve(),
            () => resolve(),
          ),
        );
      });
      await started;
      return { status: 'running' };
    }
    return this.perform(index, head, (output) => performStep(step, { ...context, index, output }));
  }

  /** Reports a step, does its work, closes its output and reports its end. Throws TaskEnded, after the report. */
  async perform(
    index: number,
    head: StepHead,
    work: (output: StepOutput) => Promise<StepResult>,
  ): Promise<StepEnd> {
    const { api, clock, courier, sameMachine, secrets, signal, spoolPath } = this.options;
    signal.throwIfAborted();
    const report: StepReport = { index, ...head, status: 'running', startedAt: clock.now().toISOString() };
    const output = new StepOutput({
      spoolPath: `${spoolPath}.${index}`,
      secrets,
      send: (offset, chunk) => api.output(index, offset, chunk),
      ...(sameMachine && { handOver: (offset, path) => api.outputFile(index, offset, path) }),
      onNews: () => courier.wake(),
    });
    this.outputs.push(output);
    courier.fetch(index, output);
    courier.step(report);
    const end = await this.attempt(work, output, head.type === 'run' || head.type === 'spin_up');
    const outputBytes = await output.close();
    const endedAt = clock.now().toISOString();
    courier.step({ ...report, status: end.status, exitCode: end.exitCode, endedAt, outputBytes });
    if (end.thrown !== undefined) throw end.thrown;
    return end;
  }

  /** Reports a step that does not run. */
  skip(index: number, step: PlannedStep): void {
    const now = this.options.clock.now().toISOString();
    this.options.courier.step({
      index,
      ...headOf(step),
      status: 'skipped',
      startedAt: now,
      endedAt: now,
      outputBytes: 0,
    });
  }

  /** Background steps end now; their commands are killed with the environment. */
  endBackground(): void {
    this.backgroundEnd.abort();
  }
  async backgroundEnded(): Promise<void> {
    await Promise.all(this.background);
  }

  /** Drops output that was not delivered. */
  async discard(): Promise<void> {
    await Promise.all(this.outputs.map((output) => output.close().catch(() => undefined)));
    await Promise.all(this.outputs.map((output) => output.dispose().catch(() => undefined)));
  }

  private async attempt(
    work: (output: StepOutput) => Promise<StepResult>,
    output: StepOutput,
    patient: boolean,
  ): Promise<StepEnd & { exitCode?: number; thrown?: unknown }> {
    const { signal } = this.options;
    try {
      const working = work(output);
      // When the task ends an upload is left behind; a command, which is being killed, is waited for.
      const result = await beforeEnd(working, signal, patient ? KILL_LIMIT_MS : 0);
      if (result.exitCode === KILLED) await aborted(signal, LOSS_NOTICED_MS);
      signal.throwIfAborted();
      return result;
    } catch (error) {
      // A lost environment breaks what runs in it first, and is noticed as lost a moment later.
      if (!isExpected(error)) await aborted(signal, LOSS_NOTICED_MS);
      if (signal.aborted) {
        const reason = signal.reason as TaskEnded;
        output.log(`\n${reason.message}\n`);
        return { status: reason.status === 'lost' ? 'canceled' : reason.status, thrown: reason };
      }
      const message = messageOf(error);
      output.log(`${message}\n`);
      if (error instanceof ExecutorError) {
        return { status: error.kind, message, kind: error.kind };
      }
      return { status: 'failed', message };
    }
  }

  private async inBackground(step: RunStep, context: StepContext, started: () => void): Promise<StepResult> {
    const command = await startCommand(step, context);
    started();
    const { signal } = this.backgroundEnd;
    const ended = new Promise<'ended'>((resolve) => {
      signal.addEventListener('abort', () => resolve('ended'), { once: true });
      if (signal.aborted) resolve('ended');
    });
    const end = await Promise.race([command.exit, ended]);
    if (end === 'ended') {
      await command.kill(1000).catch(() => undefined);
      context.output.log('Step canceled\n');
      return { status: 'canceled' };
    }
    if (end.code === 0) return { status: 'success', exitCode: 0 };
    context.output.log(failureTail(end.code));
    return { status: 'failed', exitCode: end.code };
  }
}

function headOf(step: PlannedStep): StepHead {
  const run = step.type === 'run' ? { command: step.command, background: step.background } : {};
  return { name: step.name, type: step.type, ...run };
}

/** What the work gives; or a rejection with the signal's reason, when the work goes on so long after the signal. */
function beforeEnd<T>(work: Promise<T>, signal: AbortSignal, graceMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let wait: () => void = () => undefined;
  return new Promise<T>((resolve, reject) => {
    wait = () => (timer = setTimeout(() => reject(signal.reason as Error), graceMs));
    signal.addEventListener('abort', wait);
    if (signal.aborted) wait();
    work.then(resolve, reject);
  }).finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', wait);
  });
}

/** Waits for the signal, at most so many ms. */
async function aborted(signal: AbortSignal, limitMs: number): Promise<void> {
  if (!signal.aborted) await sleep(limitMs, undefined, { signal }).catch(() => undefined);
}

function isExpected(error: unknown): boolean {
  return error instanceof StepFailure || error instanceof RefusedError || error instanceof ExecutorError;
}
