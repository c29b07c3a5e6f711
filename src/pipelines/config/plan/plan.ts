// Decides what runs for one pipeline: workflows and jobs that pass their filters, with requirements made concrete.
import type { CompiledDocument, ConfigProblem, PipelineValues } from '../config.types.js';
import { whyFiltered } from '../explain/filter.js';
import type { NotRun, NotRunReason } from '../explain/reason.types.js';
import { pipelineVariables } from '../pipeline-values.js';
import { calling, ConfigFault, FaultList, problemAt, type Place } from '../problems/fault.js';
import { defaultLimits } from '../problems/limits.js';
import { pointerPart, withPlace } from '../problems/place.js';
import type { Variables } from '../template/variables.js';
import { passesFilters, type PlanRef } from './filters.js';
import { planJob } from './job.js';
import type {
  JobDefinition,
  JobOutcome,
  PlannedJob,
  PlannedSchedule,
  PlannedWorkflow,
  Requirement,
} from './plan.types.js';
import { isScheduled, planSchedules } from './schedules.js';
import { planTyped } from './typed-job.js';
import { listOf, recordOf, textOf } from './values.js';

export type PlanResult =
  | {
      ok: true;
      workflows: PlannedWorkflow[];
      /** Workflows and jobs that filters, requirements and schedules leave out, and why. */
      notRun: NotRun[];
      /** What the config says of runs by the clock, for whoever has one. */
      schedules: PlannedSchedule[];
    }
  | { ok: false; errors: ConfigProblem[] };

/** The place in the sources that a JSON pointer into the document comes from. */
export type Locate = (pointer: string) => Place | undefined;

/** What planning one document shares. */
interface Planning {
  document: CompiledDocument;
  ref: PlanRef;
  variables: Variables;
  locate: Locate;
  definitions: Map<string, JobDefinition>;
  notRun: NotRun[];
}

interface Entry {
  /** Of the entry's options in the document. */
  pointer: string;
  name: string;
  options: Record<string, unknown>;
  requires: Requirement[];
}

const TERMINAL: readonly JobOutcome[] = ['success', 'failed', 'canceled', 'unauthorized', 'not_run'];

/**
 * Never throws. Workflows that run by the clock are left out (LANGUAGE C-313) unless `ref.schedule` names one, which
 * then runs alone; so are workflows of which no job remains (C-301). `values` are for filters that are expressions; what
 * they lack of branch and tag comes from `ref`.
 */
export function plan(
  document: CompiledDocument,
  ref: PlanRef,
  values: PipelineValues = {},
  locate: Locate = () => undefined,
): PlanResult {
  const variables = pipelineVariables({ ...valuesOfRef(ref), ...values }, new Map());
  const planning: Planning = { document, ref, variables, locate, definitions: new Map(), notRun: [] };
  const faults = new FaultList();
  const workflows: PlannedWorkflow[] = [];
  for (const [name, value] of Object.entries(document.workflows)) {
    const workflow = recordOf(value);
    if (workflow.jobs === undefined) continue;
    const pointer = `#/workflows/${pointerPart(name)}`;
    const scheduled = isScheduled(workflow);
    if (ref.schedule === undefined ? scheduled : ref.schedule !== name || !scheduled) {
      if (scheduled) {
        const at = withPlace(locate(`${pointer}/triggers`));
        planning.notRun.push({ workflow: name, reasons: [{ type: 'schedule', ...at }] });
      }
      continue;
    }
    try {
      const jobs = planWorkflow(planning, name, workflow, pointer);
      if (jobs.length > 0) workflows.push({ name, jobs, ...reruns(workflow.max_auto_reruns) });
      else
        planning.notRun.push({
          workflow: name,
          reasons: [{ type: 'no_jobs', ...withPlace(locate(pointer)) }],
        });
    } catch (error) {
      for (const problem of problemsOf(error)) faults.add(problem);
    }
  }
  if (faults.problems.length > 0) return { ok: false, errors: faults.problems };
  return { ok: true, workflows, notRun: planning.notRun, schedules: planSchedules(document) };
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
  planning: Planning,
  workflow: string,
  body: Record<string, unknown>,
  pointer: string,
): PlannedJob[] {
  const work = (): PlannedJob[] => {
    const at = { pointer };
    const entries = listOf(body.jobs).map((entry, index) => readEntry(entry, `${pointer}/jobs/${index}`));
    const leaveOut = (job: string, reasons: NotRunReason[]): void =>
      void planning.notRun.push({ workflow, job, reasons });
    const passing = entries.filter((entry) => {
      if (passesFilters(entry.options.filters, planning.ref, planning.variables, at)) return true;
      leaveOut(entry.name, [filterReason(planning, entry)]);
      return false;
    });
    return withoutOrphans(entries, passing, (entry) =>
      leaveOut(entry.name, orphanReasons(planning, entry)),
    ).map((entry) => planEntry(planning, entry));
  };
  return calling('workflow', workflow, work, planning.locate(pointer));
}

/** Jobs left out whose reasons are told in full. */
const DETAILED = 500;

function filterReason(
  { ref, variables, locate, notRun }: Planning,
  { options, pointer }: Entry,
): NotRunReason {
  return whyFiltered(options.filters, {
    ref,
    variables,
    depthLimit: defaultLimits.logicDepth,
    detailed: notRun.length < DETAILED,
    // Without filters the entry itself says it, by having none.
    locate: (path) => locate(options.filters === undefined ? pointer : `${pointer}/filters${path}`),
  });
}

function orphanReasons({ locate }: Planning, { requires, pointer }: Entry): NotRunReason[] {
  return requires.map(({ job, statuses }, index) => ({
    type: 'requirement',
    job,
    statuses,
    status: 'filtered',
    ...withPlace(locate(`${pointer}/requires/${index}`)),
  }));
}

function readEntry(entry: unknown, pointer: string): Entry {
  const [name, value] =
    typeof entry === 'string' ? [entry, {}] : (Object.entries(recordOf(entry))[0] ?? ['', {}]);
  const options = recordOf(value);
  return {
    name,
    options,
    requires: listOf(options.requires).flatMap(readRequirement),
    pointer: typeof entry === 'string' ? pointer : `${pointer}/${pointerPart(name)}`,
  };
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
function withoutOrphans(
  all: readonly Entry[],
  passing: readonly Entry[],
  leaveOut: (entry: Entry) => void,
): Entry[] {
  const declared = new Map(all.map((entry) => [entry.name, entry]));
  let remaining = new Map(passing.map((entry) => [entry.name, entry]));
  for (;;) {
    const isKept = ({ requires }: Entry): boolean =>
      requires.length === 0 ||
      requires.some(({ job }) => remaining.has(job)) ||
      !requires.every(({ job }) => declared.has(job));
    const kept = [...remaining.values()].filter(isKept);
    if (kept.length === remaining.size) break;
    for (const entry of remaining.values()) if (!isKept(entry)) leaveOut(entry);
    remaining = new Map(kept.map((entry) => [entry.name, entry]));
  }
  return [...remaining.values()].map((entry) => ({
    ...entry,
    requires: entry.requires.filter(({ job }) => remaining.has(job)),
  }));
}

function planEntry(
  { document, definitions, locate }: Planning,
  { name, options, requires, pointer }: Entry,
): PlannedJob {
  const contexts = listOf(options.context).flatMap((context) => textOf(context) ?? []);
  const job = { name, requires, contexts };
  if (options.type === 'approval') return { ...job, type: 'approval' };
  const compiled = Object.hasOwn(document.jobs, name) ? document.jobs[name]! : {};
  const other = planTyped(compiled, { pointer: `#/jobs/${name}` });
  if (other) return { ...job, ...other };
  const known = definitions.get(name);
  const definition = known ?? calling('job', name, () => planJob(name, compiled), locate(pointer));
  definitions.set(name, definition);
  return { ...job, type: 'build', definition };
}
