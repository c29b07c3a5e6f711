// Whether a job runs for a branch or tag (LANGUAGE C-295 to C-300).
import { evaluateExpression } from '../expression/evaluate.js';
import { fullMatch } from '../regex/java-regex.js';
import { isTruthy } from '../logic/truth.js';
import { defaultLimits } from '../problems/limits.js';
import { fault, type Place } from '../problems/fault.js';
import { recordOf } from './values.js';
import type { Variables } from '../template/variables.js';

export interface PlanRef {
  branch?: string;
  tag?: string;
  isDefaultBranch?: boolean;
  /** The workflow whose time has come, when the clock is what started the pipeline. */
  schedule?: string;
}

/** `filters` is the compiled value: a map, an expression, or its outcome. Throws a ConfigFault for what is none of these. */
export function passesFilters(filters: unknown, ref: PlanRef, variables: Variables, at: Place): boolean {
  if (typeof filters === 'boolean') return filters;
  if (typeof filters === 'string') {
    return isTruthy(evaluateExpression(filters, variables, defaultLimits.logicDepth, at));
  }
  const { branches, tags } = recordOf(filters);
  const [forBranches, forTags] = [isGiven(branches), isGiven(tags)];
  if (ref.tag === undefined || (ref.branch !== undefined && forBranches)) {
    // A branch pipeline does not look at tag filters; where there are both, the branch counts first (C-299).
    return !forBranches || passes(branches, ref.branch ?? '', at);
  }
  // A tag pipeline runs only jobs that name tags (C-297).
  if (ref.branch === undefined) return forTags && passes(tags, ref.tag, at);
  return !forTags || !matchesAny(recordOf(tags).ignore ?? [], ref.tag, at);
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** `only` is looked at first; a name that it takes runs whatever `ignore` says (C-296). */
function passes(filter: unknown, name: string, at: Place): boolean {
  const { only, ignore } = recordOf(filter);
  if (isGiven(only)) return matchesAny(only, name, at);
  return !isGiven(ignore) || !matchesAny(ignore, name, at);
}

function matchesAny(patterns: unknown, name: string, at: Place): boolean {
  return (Array.isArray(patterns) ? patterns.flat(3) : [patterns]).some((item: unknown) => {
    if (item !== null && typeof item === 'object')
      throw fault('A filter must be a string or a list of strings', at);
    const pattern = String(item);
    const regex = pattern.length > 1 && pattern.startsWith('/') && pattern.endsWith('/');
    return regex ? fullMatch(pattern.slice(1, -1), name, at) : pattern === name;
  });
}
