// Decides what runs for one pipeline: workflows and jobs that pass their filters, with requirements made concrete.
import type { CompiledDocument, ConfigProblem, PipelineValues } from '../config.types.js';
import { pipelineVariables } from '../pipeline-values.js';
import { calling, ConfigFault, FaultList, problemAt } from '../problems/fault.js';
import type { Variables } from '../template/variables.js';
import { passesFilters, type PlanRef } from './filters.js';
import { planJob } from './job.js';
import type { JobDefinition, JobOutcome, PlannedJob, PlannedWorkflow, Requirement } from './plan.types.js';
import { listOf, recordOf, textOf } from './values.js';

export type PlanResult = { ok: true; workflows: PlannedWorkflow[] } | { ok: false; errors: ConfigProblem[] };

interface Entry {
  name: string;
  options: Record<string, unknown>;
  requires: Requirement[];
}

const TERMINAL: readonly JobOutcome[] = ['success', 'failed', 'canceled', 'unauthorized', 'not_run'];

/**
 * Never throws. Workflows that run on a schedule only are left out (LANGUAGE C-313), as are workflows of which no job
 * remains (C-301). `values` are for filters that are expressions; what they lack of branch and tag comes from `ref`.
 */
export function plan(document: CompiledDocument, ref: PlanRef, values: PipelineValues = {}): PlanResult {
  const variables = pipelineVariables({ ...valuesOfRef(ref), ...values }, new Map());
  const definitions = new Map<string, JobDefinition>();
  const faults = new FaultList();
  const workflows: PlannedWorkflow[] = [];
  for (const [name, value] of Object.entries(document.workflows)) {
    const workflow = recordOf(value);
    if (workflow.jobs === undefined || workflow.triggers !== undefined) continue;
    try {
      const jobs = planWorkflow(document, name, workflow, ref, variables, definitions);
      if (jobs.length > 0) workflows.push({ name, jobs, ...reruns(workflow.max_auto_reruns) });
    } catch (error) {
      for (const problem of problemsOf(error)) faults.add(problem);
    }
  }
  return faults.problems.length > 0 ? { ok: false, errors: faults.problems } : { ok: true, workflows };
}

function problemsOf(error: unknown): readonly ConfigProblem[] {
  if (error instanceof ConfigFault) return error.problems;
  return [
    problemAt(
      `The config could not be planned: ${error instanceof Error ? error.message : String(error)}`,
      {},
    ),
  ];
}

function valuesOfRef({ branch, tag, isDefaultBranch }: PlanRef): PipelineValues {
  return {
    ...(branch !== undefined && { 'git.branch': branch }),
    ...(tag !== undefined && { 'git.tag': tag }),
    ...(isDefaultBranch !== undefined && { 'git.branch.is_default': isDefaultBranch }),
  };
}

function reruns(value: unknown): { maxAutoReruns?: number } {
  return typeof value === 'number' && value > 0 ? { maxAutoReruns: value } : {};
}

function planWorkflow(
  document: CompiledDocument,
  workflow: string,
  body: Record<string, unknown>,
  ref: PlanRef,
  variables: Variables,
  definitions: Map<string, JobDefinition>,
): PlannedJob[] {
  return calling('workflow', workflow, () => {
    const at = { pointer: `#/workflows/${workflow}` };
    const entries = listOf(body.jobs).map(readEntry);
    const passing = entries.filter(({ options }) => passesFilters(options.filters, ref, variables, at));
    return withoutOrphans(entries, passing).map((entry) => planEntry(document, entry, definitions));
  });
}

function readEntry(entry: unknown): Entry {
  const [name, value] =
    typeof entry === 'string' ? [entry, {}] : (Object.entries(recordOf(entry))[0] ?? ['', {}]);
  const options = recordOf(value);
  return { name, options, requires: listOf(options.requires).flatMap(readRequirement) };
}

function readRequirement(item: unknown): Requirement[] {
  if (typeof item === 'string') return [{ job: item, statuses: ['success'] }];
  return Object.entries(recordOf(item)).map(([job, statuses]) => ({ job, statuses: outcomes(statuses) }));
}

/** `terminal` is short for all ends (C-284). */
function outcomes(value: unknown): JobOutcome[] {
  const named = listOf(value);
  if (named.length === 0) return ['success'];
  return TERMINAL.filter((outcome) => named.includes(outcome) || named.includes('terminal'));
}

/**
 * Requirements on jobs that were filtered out are dropped; a job that loses all of them that way is out too, and so on
 * down the graph (LANGUAGE C-288).
 */
function withoutOrphans(all: readonly Entry[], passing: readonly Entry[]): Entry[] {
  const declared = new Map(all.map((entry) => [entry.name, entry]));
  let remaining = new Map(passing.map((entry) => [entry.name, entry]));
  for (;;) {
    const kept = [...remaining.values()].filter(
      ({ requires }) =>
        requires.length === 0 ||
        requires.some(({ job }) => remaining.has(job)) ||
        !requires.every(({ job }) => declared.has(job)),
    );
    if (kept.length === remaining.size) break;
    remaining = new Map(kept.map((entry) => [entry.name, entry]));
  }
  return [...remaining.values()].map((entry) => ({
    ...entry,
    requires: entry.requires.filter(({ job }) => remaining.has(job)),
  }));
}

function planEntry(
  document: CompiledDocument,
  { name, options, requires }: Entry,
  definitions: Map<string, JobDefinition>,
): PlannedJob {
  const contexts = listOf(options.context).flatMap((context) => textOf(context) ?? []);
  const job = { name, requires, contexts };
  if (options.type === 'approval') return { ...job, type: 'approval' };
  const compiled = Object.hasOwn(document.jobs, name) ? document.jobs[name]! : {};
  if (compiled.type === 'no-op') return { ...job, type: 'no-op' };
  const known = definitions.get(name);
  const definition = known ?? calling('job', name, () => planJob(name, compiled));
  definitions.set(name, definition);
  return { ...job, type: 'build', definition };
}
