// Keeps of a compiled config the workflow or the job that was asked for, with all that it requires.
import type { CompiledDocument } from '../../pipelines/config/index.js';
import { UsageProblem } from './usage-problem.js';

export interface Selection {
  workflow?: string;
  job?: string;
}

type Entry = string | Record<string, { requires?: (string | Record<string, unknown>)[] } | null>;
interface Workflow {
  jobs?: Entry[];
}

/** A document with the chosen part only. Throws UsageProblem with the names there are when there is no such. */
export function select(document: CompiledDocument, { workflow, job }: Selection): CompiledDocument {
  const all = Object.entries(document.workflows).filter(
    (pair): pair is [string, Workflow] => typeof pair[1] === 'object' && pair[1] !== null,
  );
  const named = all.filter(([name]) => workflow === undefined || name === workflow);
  if (named.length === 0)
    throw unknown(
      'workflow',
      workflow ?? '',
      all.map(([name]) => name),
    );
  const kept = named
    .map(([name, one]) => [name, { ...one, jobs: closure(one.jobs ?? [], job) }] as const)
    .filter(([, one]) => job === undefined || one.jobs.length > 0);
  if (kept.length === 0)
    throw unknown(
      'job',
      job ?? '',
      named.flatMap(([, one]) => (one.jobs ?? []).map(nameOf)),
    );
  const used = new Set(kept.flatMap(([, one]) => one.jobs.map(nameOf)));
  const jobs = Object.fromEntries(Object.entries(document.jobs).filter(([name]) => used.has(name)));
  return { ...document, jobs, workflows: { ...Object.fromEntries(kept), version: 2 } };
}

function closure(entries: Entry[], job: string | undefined): Entry[] {
  if (job === undefined) return entries;
  const wanted = new Set<string>();
  const want = (name: string): void => {
    const entry = entries.find((one) => nameOf(one) === name);
    if (!entry || wanted.has(name)) return;
    wanted.add(name);
    requiredBy(entry).forEach(want);
  };
  want(job);
  return entries.filter((entry) => wanted.has(nameOf(entry)));
}

function nameOf(entry: Entry): string {
  return typeof entry === 'string' ? entry : (Object.keys(entry)[0] ?? '');
}

/** A requirement is a name, or a name with the statuses that are good enough. */
function requiredBy(entry: Entry): string[] {
  const call = typeof entry === 'string' ? undefined : Object.values(entry)[0];
  return (call?.requires ?? []).map((one) => (typeof one === 'string' ? one : (Object.keys(one)[0] ?? '')));
}

function unknown(what: string, name: string, known: string[]): UsageProblem {
  const list = known.length === 0 ? 'there is none' : `there is ${[...new Set(known)].join(', ')}`;
  return new UsageProblem(`the config has no ${what} "${name}": ${list}`);
}
