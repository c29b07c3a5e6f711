// What the pool and its workers say to each other.
import type { CompileOrbInput, CompileOrbResult } from '../compile-orb.js';
import type {
  CompiledDocument,
  CompileInput,
  CompileResult,
  FoundOrb,
  PipelineValues,
} from '../config.types.js';
import type { OutlineResult } from '../outline.js';
import type { PipelineInput, PipelineResult } from '../pipeline.js';
import type { PlanRef } from '../plan/filters.js';
import type { PlanResult } from '../plan/plan.js';

export type PoolTask =
  | { kind: 'compile'; input: Omit<CompileInput, 'orbs'> }
  | { kind: 'pipeline'; input: Omit<PipelineInput, 'orbs'> }
  | { kind: 'orb'; input: Omit<CompileOrbInput, 'orbs'> }
  | { kind: 'outline'; source: string }
  | { kind: 'plan'; document: CompiledDocument; ref: PlanRef; values?: PipelineValues };
export type TaskResult = CompileResult | PipelineResult | CompileOrbResult | OutlineResult | PlanResult;

export type ToWorker =
  { kind: 'task'; task: PoolTask } | { kind: 'orb'; call: number; found?: FoundOrb; error?: string };
export type FromWorker =
  /** Sent once, when the compiler is loaded. */
  | { kind: 'ready' }
  | { kind: 'orb-wanted'; call: number; reference: string }
  | { kind: 'result'; result: TaskResult };
