// One worker thread with its limits: runs a task to its result, or is ended when the task takes too long or too much.
import { Worker } from 'node:worker_threads';
import type { OrbResolver, SizeBounds } from '../config.types.js';
import { limitText } from '../problems/limits.js';
import type { FromWorker, PoolTask, TaskResult, ToWorker } from './protocol.js';

export interface WorkerLimits {
  /** How long a task may compute; neither the start of the worker nor waiting for orbs counts. */
  milliseconds: number;
  /** How long one orb may take to be found. */
  orbMilliseconds: number;
  /** How long all orbs of one task may take. */
  allOrbsMilliseconds: number;
  memoryMegabytes: number;
  /** What the limits are called where they are set, for messages. */
  names?: { milliseconds: string; memoryMegabytes: string };
  /** How large what is compiled may be; a task's own limits go before these. */
  sizes?: SizeBounds;
}

/** Loading the compiler takes a fraction of a second; one that takes this long never ends. */
const START_MILLISECONDS = 60_000;

export class PoolWorker {
  private readonly worker: Worker;
  private finish?: (result: TaskResult) => void;
  private orbs?: OrbResolver;
  private timer?: NodeJS.Timeout;
  private isReady = false;
  private startedAt = 0;
  private left = 0;
  private leftForOrbs = 0;
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
      workerData: limits.sizes,
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
    this.leftForOrbs = this.limits.allOrbsMilliseconds;
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
      this.send({ kind: 'task', task });
      if (this.isReady) this.resume();
      else this.awaitStart();
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
    switch (message.kind) {
      case 'ready':
        this.isReady = true;
        clearTimeout(this.timer);
        if (this.finish) this.resume();
        break;
      case 'result':
        this.finish?.(message.result);
        break;
      case 'orb-wanted':
        void this.answer(message.call, message.reference);
    }
  }

  private awaitStart(): void {
    const seconds = START_MILLISECONDS / 1000;
    this.timer = setTimeout(
      () =>
        void this.stop(`The config could not be compiled: the compiler did not start within ${seconds} s`),
      START_MILLISECONDS,
    );
  }

  private async answer(call: number, reference: string): Promise<void> {
    if (this.waitingForOrbs === 0) this.pause();
    this.waitingForOrbs += 1;
    const { orbMilliseconds, allOrbsMilliseconds } = this.limits;
    const startedAt = performance.now();
    let timer: NodeJS.Timeout | undefined;
    try {
      const late = new Promise<never>((_resolve, reject) => {
        const [what, limit] =
          this.leftForOrbs < orbMilliseconds
            ? ['the orbs of the config', allOrbsMilliseconds]
            : [reference, orbMilliseconds];
        timer = setTimeout(
          () => reject(new Error(`Finding ${what} took longer than ${limit / 1000} s`)),
          Math.max(1, Math.min(this.leftForOrbs, orbMilliseconds)),
        );
      });
      const found = await Promise.race([this.orbs?.resolve(reference), late]);
      this.send({ kind: 'orb', call, ...(found && { found }) });
    } catch (error) {
      this.send({ kind: 'orb', call, error: error instanceof Error ? error.message : String(error) });
    } finally {
      clearTimeout(timer);
      this.leftForOrbs -= performance.now() - startedAt;
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
    const { milliseconds, names } = this.limits;
    const reason = `Config compilation took longer than ${milliseconds / 1000} s${limitText(names?.milliseconds)}`;
    this.timer = setTimeout(() => void this.stop(reason), Math.max(1, this.left));
  }

  private async stop(reason: string): Promise<void> {
    this.dead = true;
    this.finish?.(problem(reason));
    await this.worker.terminate();
  }

  private die(reason: string): void {
    this.dead = true;
    this.finish?.(problem(`The config could not be compiled: ${reason}`));
  }

  private reasonOf(error: Error & { code?: string }): string {
    const { memoryMegabytes, names } = this.limits;
    return error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      ? `it needs more than ${memoryMegabytes} MB of memory${limitText(names?.memoryMegabytes)}`
      : error.message;
  }
}

export function problem(message: string): Extract<TaskResult, { ok: false }> {
  return { ok: false, errors: [{ message }] };
}
