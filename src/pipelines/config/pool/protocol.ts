// What the pool asks of its threads. They ask it for orbs by reference.
import type { CompileOrbInput, CompileOrbResult } from '../compile-orb.js';
import type { CompiledDocument, CompileInput, CompileResult, PipelineValues } from '../config.types.js';
import type { OutlineResult } from '../outline.js';
import type { PipelineInput, PipelineResult } from '../pipeline.js';
import type { PlanRef } from '../plan/filters.js';
import type { PlanResult } from '../plan/plan.js';

export type PoolTask =
  | { kind: 'compile'; input: Omit<CompileInput, 'orbs'> }
  | { kind: 'pipeline'; input: Omit<PipelineInput, 'orbs'> }
  | { kind: 'orb'; input: Omit<CompileOrbInput, 'orbs'> }
  | { kind: 'outline'; source: string; fileName?: string }
  | { kind: 'plan'; document: CompiledDocument; ref: PlanRef; values?: PipelineValues };
export type TaskResult = CompileResult | PipelineResult | CompileOrbResult | OutlineResult | PlanResult;
