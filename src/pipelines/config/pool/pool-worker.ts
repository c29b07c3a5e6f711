// One worker thread with its limits: runs a task to its result, or is ended when the task takes too long or too much.
import { Worker } from 'node:worker_threads';
import type { OrbResolver } from '../config.types.js';
import type { FromWorker, PoolTask, TaskResult, ToWorker } from './protocol.js';

export interface WorkerLimits {
  /** How long a task may compute; waiting for orbs does not count. */
  milliseconds: number;
  /** How long one orb may take to be found. */
  orbMilliseconds: number;
  memoryMegabytes: number;
}

export class PoolWorker {
  private readonly worker: Worker;
  private finish?: (result: TaskResult) => void;
  private orbs?: OrbResolver;
  private timer?: NodeJS.Timeout;
  private startedAt = 0;
  private left = 0;
  private waitingForOrbs = 0;
  dead = false;

  constructor(
    url: URL,
    private readonly limits: WorkerLimits,
  ) {
    this.worker = new Worker(url, {
      // What the parent was started with (loaders, inspectors, test runners) is not for this thread.
      execArgv: [],
      env: {},
      resourceLimits: {
        maxOldGenerationSizeMb: limits.memoryMegabytes,
        maxYoungGenerationSizeMb: 32,
        stackSizeMb: 4,
      },
    });
    // An idle worker does not keep the process alive.
    this.worker.unref();
    this.worker.on('message', (message: FromWorker) => this.receive(message));
    this.worker.on('error', (error: Error & { code?: string }) => this.die(this.reasonOf(error)));
    this.worker.on('exit', () => this.die('the worker ended'));
  }

  /** Resolves in any case: a worker that dies of a task turns it into a problem. */
  run(task: PoolTask, orbs: OrbResolver | undefined): Promise<TaskResult> {
    this.orbs = orbs;
    this.left = this.limits.milliseconds;
    this.worker.ref();
    return new Promise((resolve) => {
      this.finish = (result) => {
        this.finish = undefined;
        clearTimeout(this.timer);
        this.worker.unref();
        resolve(result);
      };
      if (this.dead) {
        this.finish(problem('The config could not be compiled: the worker ended'));
        return;
      }
      this.resume();
      this.send({ kind: 'task', task });
    });
  }

  async end(): Promise<void> {
    this.die('the compiler was closed');
    await this.worker.terminate();
  }

  private send(message: ToWorker): void {
    this.worker.postMessage(message);
  }

  private receive(message: FromWorker): void {
    if (message.kind === 'result') this.finish?.(message.result);
    else void this.answer(message.call, message.reference);
  }

  private async answer(call: number, reference: string): Promise<void> {
    if (this.waitingForOrbs === 0) this.pause();
    this.waitingForOrbs += 1;
    let timer: NodeJS.Timeout | undefined;
    try {
      const late = new Promise<never>((_resolve, reject) => {
        const seconds = this.limits.orbMilliseconds / 1000;
        timer = setTimeout(
          () => reject(new Error(`Finding ${reference} took longer than ${seconds} s`)),
          this.limits.orbMilliseconds,
        );
      });
      const found = await Promise.race([this.orbs?.resolve(reference), late]);
      this.send({ kind: 'orb', call, ...(found && { found }) });
    } catch (error) {
      this.send({ kind: 'orb', call, error: error instanceof Error ? error.message : String(error) });
    } finally {
      clearTimeout(timer);
      this.waitingForOrbs -= 1;
      if (this.waitingForOrbs === 0 && this.finish) this.resume();
    }
  }

  private pause(): void {
    clearTimeout(this.timer);
    this.left -= performance.now() - this.startedAt;
  }

  private resume(): void {
    this.startedAt = performance.now();
    this.timer = setTimeout(() => void this.stop(), Math.max(1, this.left));
  }

  private async stop(): Promise<void> {
    this.dead = true;
    this.finish?.(problem(`Config compilation took longer than ${this.limits.milliseconds / 1000} s`));
    await this.worker.terminate();
  }

  private die(reason: string): void {
    this.dead = true;
    this.finish?.(problem(`The config could not be compiled: ${reason}`));
  }

  private reasonOf(error: Error & { code?: string }): string {
    return error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      ? `it needs more than ${this.limits.memoryMegabytes} MB of memory`
      : error.message;
  }
}

export function problem(message: string): Extract<TaskResult, { ok: false }> {
  return { ok: false, errors: [{ message }] };
}
