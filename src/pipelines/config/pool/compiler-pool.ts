// Compiles and plans in worker threads with limits on time and memory, so that no config can hold up the server (D8).
import { messageOf } from '../../../platform/errors/errors.js';
import { NotDoneError, ThreadPool, type ThreadLimits } from '../../../platform/threads/index.js';
import type { CompileOrbInput, CompileOrbResult } from '../compile-orb.js';
import type {
  CompiledDocument,
  CompileInput,
  CompileResult,
  FoundOrb,
  OrbResolver,
  PipelineValues,
  SizeBounds,
} from '../config.types.js';
import type { OutlineResult } from '../outline.js';
import type { PipelineInput, PipelineResult } from '../pipeline.js';
import type { PlanRef } from '../plan/filters.js';
import type { PlanResult } from '../plan/plan.js';
import { limitText } from '../problems/limits.js';
import { limitedResolver, type OrbLimits } from './orb-limits.js';
import type { PoolTask, TaskResult } from './protocol.js';

/** `milliseconds`: neither the start of a worker nor waiting for orbs counts. */
export interface CompilerPoolOptions extends Partial<ThreadLimits & OrbLimits> {
  /** Threads at most; 2 by default. */
  workers?: number;
  /** How long a worker is kept without work; 30,000 by default. */
  idleMilliseconds?: number;
  /** Tasks that may wait for a worker; 1,000 by default, the next is refused with a problem. */
  waiting?: number;
  /** What the limits are called where they are set, for messages. */
  names?: { milliseconds: string; memoryMegabytes: string };
  /** How large what is compiled may be; a task's own limits go before these. */
  sizes?: SizeBounds;
  /** The built worker file; by default the one beside this file. */
  workerUrl?: URL;
}

const DEFAULTS = {
  milliseconds: 10_000,
  orbMilliseconds: 30_000,
  allOrbsMilliseconds: 120_000,
  memoryMegabytes: 256,
  workers: 2,
  waiting: 1_000,
};

/** Workers start with the first task and end when idle: a server that compiles nothing has none of their memory. */
export class CompilerPool {
  private readonly options: CompilerPoolOptions & typeof DEFAULTS;
  private readonly pool: ThreadPool<PoolTask, TaskResult, string, FoundOrb | undefined>;

  constructor(options: CompilerPoolOptions = {}) {
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    this.options = { ...DEFAULTS, ...(Object.fromEntries(given) as CompilerPoolOptions) };
    this.pool = new ThreadPool({
      ...this.options,
      threads: this.options.workers,
      url: options.workerUrl ?? new URL('./worker.js', import.meta.url),
      data: this.options.sizes,
    });
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
  async outline(source: string, fileName?: string): Promise<OutlineResult> {
    const task = { kind: 'outline', source, ...(fileName !== undefined && { fileName }) } as const;
    return (await this.submit(task)) as OutlineResult;
  }

  /** Like plan(), for documents from outside: the expressions in filters are theirs, and may be slow on purpose. */
  async plan(document: CompiledDocument, ref: PlanRef, values?: PipelineValues): Promise<PlanResult> {
    return (await this.submit({ kind: 'plan', document, ref, ...(values && { values }) })) as PlanResult;
  }

  /** Starts a worker ahead of work that is about to come, so that it need not wait for the start. */
  warm(): void {
    this.pool.warm();
  }

  /** Threads that exist now. */
  get size(): number {
    return this.pool.size;
  }

  /** Ends all workers; tasks that run or wait get a problem. */
  close(): Promise<void> {
    return this.pool.close();
  }

  private async submit(task: PoolTask, orbs?: OrbResolver): Promise<TaskResult> {
    const answer = orbs && limitedResolver(orbs, this.options);
    try {
      return await this.pool.run(task, { answer });
    } catch (error) {
      return { ok: false, errors: [{ message: this.explained(error) }] };
    }
  }

  /** Why a task came to nothing, in the words of a config's author. */
  private explained(error: unknown): string {
    const { names, milliseconds, waiting } = this.options;
    switch (error instanceof NotDoneError ? error.shortage : undefined) {
      case 'time':
        return `Config compilation took longer than ${milliseconds / 1000} s${limitText(names?.milliseconds)}`;
      case 'memory':
        return `The config could not be compiled: ${messageOf(error)}${limitText(names?.memoryMegabytes)}`;
      case 'waiting':
        return `More than ${waiting} configs are waiting to be compiled; try again later`;
      case 'closed':
        return 'The config could not be compiled: the compiler was closed';
      default:
        return `The config could not be compiled: ${messageOf(error)}`;
    }
  }
}
