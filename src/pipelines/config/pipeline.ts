// From a config to what one pipeline runs, and why the rest does not: compile and plan in one go, with places throughout.
import { compileNodes } from './compile.js';
import type { CompileInput, ConfigProblem } from './config.types.js';
import type { NotRun } from './explain/reason.types.js';
import { callsOf, withOrigins, type TracedWorkflow } from './origins/origins.js';
import { Trace } from './origins/trace.js';
import type { PlanRef } from './plan/filters.js';
import { plan } from './plan/plan.js';
import type { PlannedWorkflow } from './plan/plan.types.js';
import type { Place } from './problems/fault.js';
import type { MappingNode } from './yaml/node.js';
import { nodesAt } from './yaml/nodes-at.js';

export interface PipelineInput extends CompileInput {
  ref: PlanRef;
  /** Answers with the origin of every step and key, too. */
  origins?: boolean;
}

export type PipelineResult =
  | {
      ok: true;
      yaml: string;
      warnings: ConfigProblem[];
      workflows: PlannedWorkflow[];
      notRun: NotRun[];
      /** The workflows again, with origins, when these were asked for. */
      traced?: TracedWorkflow[];
    }
  /** `stage`: whether the text could not be compiled, or what it came to could not be planned. */
  | { ok: false; stage: 'config' | 'plan'; errors: ConfigProblem[] };

/** Never throws. */
export async function compilePipeline({ ref, origins, ...input }: PipelineInput): Promise<PipelineResult> {
  const trace = new Trace({ variables: origins === true });
  const compiled = await compileNodes(input, trace);
  if (!compiled.ok) return { ok: false, stage: 'config', errors: compiled.errors };
  const { root, document, yaml, warnings } = compiled;
  const planned = plan(document, ref, input.values, (pointer) => placeAt(root, pointer));
  if (!planned.ok) {
    return { ok: false, stage: 'plan', errors: planned.errors.map((e) => located(e, root, trace)) };
  }
  const { workflows } = planned;
  return {
    ok: true,
    yaml,
    warnings,
    workflows,
    notRun: [...compiled.notRun, ...planned.notRun],
    ...(origins && { traced: withOrigins(workflows, root, trace) }),
  };
}

/** The place of the innermost node on the way of the pointer that has one. */
function placeAt(root: MappingNode, pointer: string): Place | undefined {
  return nodesAt(root, pointer).findLast((node) => node.line !== undefined);
}

/** A planner's problem knows its place in the compiled document only: gives it the one in the sources. */
function located(problem: ConfigProblem, root: MappingNode, trace: Trace): ConfigProblem {
  if (problem.pointer === undefined || problem.line !== undefined) return problem;
  const nodes = nodesAt(root, problem.pointer);
  const at = nodes.findLast((node) => node.line !== undefined);
  const step = nodes.findLast((node) => trace.callOf(node) !== undefined);
  const calls = step && callsOf(trace.callOf(step));
  return {
    ...problem,
    ...(at?.file !== undefined && { file: at.file }),
    ...(at?.line !== undefined && { line: at.line, column: at.column }),
    ...(calls && { calls }),
  };
}
