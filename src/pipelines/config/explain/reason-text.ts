// Reasons as sentences, for the command line and for lists.
import type { SourcePlace } from '../problems/place.js';
import type { PlainValue } from '../yaml/node.js';
import type { Evaluated, NotRun, NotRunReason } from './reason.types.js';

/** A clause such as `when is false: pipeline.git.branch == "main"; pipeline.git.branch is "dev"`. */
export function reasonText(reason: NotRunReason): string {
  switch (reason.type) {
    case 'condition': {
      const { text, value } = reason.condition;
      const facts = [...new Set(factsOf(reason.condition))];
      const came = reason.key === 'unless' ? 'true' : 'false';
      if (text === String(value)) return `${reason.key} is ${came}`;
      const told = typeof value === 'boolean' ? '' : ` (it came to ${JSON.stringify(value)})`;
      return [`${reason.key} is ${came}: ${text}${told}`, ...facts].join('; ');
    }
    case 'filter':
      return filterText(reason);
    case 'requirement':
      return reason.status === 'filtered'
        ? `it requires ${reason.job}, which does not run`
        : `it requires ${reason.job} to end ${reason.statuses.join(' or ')}, but it ended ${reason.status}`;
    case 'matrix_exclude':
      return `the matrix excludes ${valuesText(reason.values)}`;
    case 'schedule':
      return 'it runs on its own schedule only';
    case 'no_jobs':
      return 'none of its jobs runs';
    case 'unused':
      return 'no workflow uses it';
  }
}

/** A line such as `workflow main is not created: ...`; `fileName` is for places that name no file. */
export function notRunText({ workflow, job, reasons }: NotRun, fileName: string): string {
  const what =
    job === undefined
      ? `workflow ${workflow ?? ''} is not created`
      : `job ${job}${workflow === undefined ? '' : ` of workflow ${workflow}`} does not run`;
  const clauses = reasons.map((reason) =>
    reason.at ? `${reasonText(reason)} (${placeText(reason.at, fileName)})` : reasonText(reason),
  );
  return `${what}: ${clauses.join('; ')}`;
}

export function placeText({ file, line, column }: SourcePlace, fileName: string): string {
  return `${file ?? fileName}:${line}:${column}`;
}

function filterText({ filter, rule, patterns, value }: Extract<NotRunReason, { type: 'filter' }>): string {
  const ref = `${filter === 'branches' ? 'branch' : 'tag'} ${JSON.stringify(value)}`;
  if (rule === 'none') return `it has no filter for tags, so it does not run for ${ref}`;
  const list = patterns.join(', ');
  return rule === 'only'
    ? `its filter takes only ${filter} ${list}, not ${ref}`
    : `its filter ignores ${filter} ${list}, and so ${ref}`;
}

function valuesText(values: Record<string, PlainValue>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}

/** The innermost operands with their values. */
function factsOf({ operands }: Evaluated): string[] {
  return (operands ?? []).flatMap((operand) =>
    operand.operands ? factsOf(operand) : [`${operand.text} is ${JSON.stringify(operand.value)}`],
  );
}
