// Compiles and plans in worker threads with limits on time and memory, so that no config can hold up the server (D8).
import type { CompileOrbInput, CompileOrbResult } from '../compile-orb.js';
import type {
  CompiledDocument,
  CompileInput,
  CompileResult,
  OrbResolver,
  PipelineValues,
} from '../config.types.js';
import type { OutlineResult } from '../outline.js';
import type { PipelineInput, PipelineResult } from '../pipeline.js';
import type { PlanRef } from '../plan/filters.js';
import type { PlanResult } from '../plan/plan.js';
import { PoolWorker, problem, type WorkerLimits } from './pool-worker.js';
import type { PoolTask, TaskResult } from './protocol.js';

export interface CompilerPoolOptions extends Partial<WorkerLimits> {
  /** Threads at most; 2 by default. */
  workers?: number;
  /** How long a worker is kept without work; 30,000 by default. */
  idleMilliseconds?: number;
  /** Tasks that may wait for a worker; 1,000 by default, the next is refused with a problem. */
  waiting?: number;
  /** The built worker file; by default the one beside this file. */
  workerUrl?: URL;
}

interface Waiting {
  task: PoolTask;
  orbs?: OrbResolver;
  done(result: TaskResult): void;
}

const DEFAULTS = {
  milliseconds: 10_000,
  orbMilliseconds: 30_000,
  allOrbsMilliseconds: 120_000,
  memoryMegabytes: 256,
};

/** Workers start with the first task and end when idle: a server that compiles nothing has none of their memory. */
export class CompilerPool {
  private readonly limits: WorkerLimits;
  private readonly maxWorkers: number;
  private readonly maxWaiting: number;
  private readonly idleMilliseconds: number;
  private readonly url: URL;
  private readonly queue: Waiting[] = [];
  private readonly busy = new Set<PoolWorker>();
  private readonly idle = new Map<PoolWorker, NodeJS.Timeout>();
  private closed = false;

  constructor(options: CompilerPoolOptions = {}) {
    this.limits = {
      milliseconds: options.milliseconds ?? DEFAULTS.milliseconds,
      orbMilliseconds: options.orbMilliseconds ?? DEFAULTS.orbMilliseconds,
      allOrbsMilliseconds: options.allOrbsMilliseconds ?? DEFAULTS.allOrbsMilliseconds,
      memoryMegabytes: options.memoryMegabytes ?? DEFAULTS.memoryMegabytes,
      ...(options.names && { names: options.names }),
      ...(options.sizes && { sizes: options.sizes }),
    };
    this.maxWorkers = options.workers ?? 2;
    this.maxWaiting = options.waiting ?? 1_000;
    this.idleMilliseconds = options.idleMilliseconds ?? 30_000;
    this.url = options.workerUrl ?? new URL('./worker.js', import.meta.url);
  }

  /** Like compile(); a config that takes too long, or too much memory, is a problem of the config. Never rejects. */
  async compile({ orbs, ...input }: CompileInput): Promise<CompileResult> {
    return (await this.submit({ kind: 'compile', input }, orbs)) as CompileResult;
  }

  /** Like compilePipeline(), with the same limits over both its stages. Never rejects. */
  async pipeline({ orbs, ...input }: PipelineInput): Promise<PipelineResult> {
    const result = await this.submit({ kind: 'pipeline', input }, orbs);
    return { stage: 'config', ...result } as PipelineResult;
  }

  /** Like compileOrb(). Never rejects. */
  async compileOrb({ orbs, ...input }: CompileOrbInput): Promise<CompileOrbResult> {
    return (await this.submit({ kind: 'orb', input }, orbs)) as CompileOrbResult;
  }

  /** Like outline(). Never rejects. */
  async outline(source: string): Promise<OutlineResult> {
    return (await this.submit({ kind: 'outline', source })) as OutlineResult;
  }

  /** Like plan(), for documents from outside: the expressions in filters are theirs, and may be slow on purpose. */
  async plan(document: CompiledDocument, ref: PlanRef, values?: PipelineValues): Promise<PlanResult> {
    return (await this.submit({ kind: 'plan', document, ref, ...(values && { values }) })) as PlanResult;
  }

  /** Starts a worker ahead of work that is about to come, so that it need not wait for the start. */
  warm(): void {
    if (!this.closed && this.size === 0) this.rest(this.start());
  }

  /** Threads that exist now. */
  get size(): number {
    return this.busy.size + this.idle.size;
  }

  /** Ends all workers; tasks that run or wait get a problem. */
  async close(): Promise<void> {
    this.closed = true;
    for (const { done } of this.queue.splice(0)) done(closedProblem());
    for (const timer of this.idle.values()) clearTimeout(timer);
    const workers = [...this.busy, ...this.idle.keys()];
    this.busy.clear();
    this.idle.clear();
    await Promise.all(workers.map((worker) => worker.end()));
  }

  private submit(task: PoolTask, orbs?: OrbResolver): Promise<TaskResult> {
    if (this.closed) return Promise.resolve(closedProblem());
    if (this.queue.length >= this.maxWaiting) {
      return Promise.resolve(
        problem(`More than ${this.maxWaiting} configs are waiting to be compiled; try again later`),
      );
    }
    return new Promise((done) => {
      this.queue.push({ task, done, ...(orbs && { orbs }) });
      this.next();
    });
  }

  private next(): void {
    const waiting = this.closed ? undefined : this.queue[0];
    const worker = waiting && this.take();
    if (!waiting || !worker) return;
    this.queue.shift();
    this.busy.add(worker);
    void worker.run(waiting.task, waiting.orbs).then((result) => {
      this.busy.delete(worker);
      if (!worker.dead && !this.closed) this.rest(worker);
      waiting.done(result);
      this.next();
    });
  }

  private take(): PoolWorker | undefined {
    for (const [worker, timer] of this.idle) {
      clearTimeout(timer);
      this.idle.delete(worker);
      if (!worker.dead) return worker;
    }
    return this.busy.size < this.maxWorkers ? this.start() : undefined;
  }

  private start(): PoolWorker {
    return new PoolWorker(this.url, this.limits);
  }

  private rest(worker: PoolWorker): void {
    const timer = setTimeout(() => {
      this.idle.delete(worker);
      void worker.end();
    }, this.idleMilliseconds);
    timer.unref();
    this.idle.set(worker, timer);
  }
}

function closedProblem(): TaskResult {
  return problem('The config could not be compiled: the compiler was closed');
}
