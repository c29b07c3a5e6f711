// What the pool and its workers say to each other.
import type { CompiledDocument, CompileInput, CompileResult, PipelineValues } from '../config.types.js';
import type { PipelineInput, PipelineResult } from '../pipeline.js';
import type { PlanRef } from '../plan/filters.js';
import type { PlanResult } from '../plan/plan.js';

export type PoolTask =
  | { kind: 'compile'; input: Omit<CompileInput, 'orbs'> }
  | { kind: 'pipeline'; input: Omit<PipelineInput, 'orbs'> }
  | { kind: 'plan'; document: CompiledDocument; ref: PlanRef; values?: PipelineValues };
export type TaskResult = CompileResult | PipelineResult | PlanResult;

export interface FoundOrb {
  source: string;
  resolvedReference: string;
}

export type ToWorker =
  { kind: 'task'; task: PoolTask } | { kind: 'orb'; call: number; found?: FoundOrb; error?: string };
export type FromWorker =
  /** Sent once, when the compiler is loaded. */
  | { kind: 'ready' }
  | { kind: 'orb-wanted'; call: number; reference: string }
  | { kind: 'result'; result: TaskResult };
