// Which rule of a job's filters keeps a branch or tag out.
import { passesFilters, type PlanRef } from '../plan/filters.js';
import { listOf, recordOf } from '../plan/values.js';
import type { Variables } from '../template/variables.js';
import { withPlace, type Place } from '../problems/place.js';
import { explainExpression } from './expression.js';
import { cutText } from './flow-text.js';
import type { NotRunReason } from './reason.types.js';

export interface FilterContext {
  ref: PlanRef;
  variables: Variables;
  depthLimit: number;
  /** False when so many jobs are left out already that only the rule is told, without all that it says. */
  detailed: boolean;
  /** Place of a part of the filters by its path, e.g. `/branches/only`; the empty path is all of them. */
  locate(path: string): Place | undefined;
}

/** Patterns that one reason names. */
const PATTERNS = 20;

/** `filters` is the compiled value, known not to let the job run. */
export function whyFiltered(filters: unknown, context: FilterContext): NotRunReason {
  const { ref, locate } = context;
  if (typeof filters === 'string') {
    const at = locate('') ?? {};
    const condition = context.detailed
      ? explainExpression(filters, { ...context, at })
      : { text: cutText(filters), value: false };
    return { type: 'condition', key: 'filters', condition, ...withPlace(at) };
  }
  if (typeof filters === 'boolean') {
    const condition = { text: String(filters), value: filters };
    return { type: 'condition', key: 'filters', condition, ...withPlace(locate('')) };
  }
  const map = recordOf(filters);
  const filter = ref.tag === undefined ? 'branches' : 'tags';
  const value = ref.tag ?? ref.branch ?? '';
  if (map[filter] === undefined || map[filter] === null) {
    return { type: 'filter', filter, rule: 'none', patterns: [], value, ...withPlace(locate('')) };
  }
  const { only, ignore } = recordOf(map[filter]);
  const rule = only === undefined || only === null ? 'ignore' : 'only';
  const path = `/${filter}/${rule}`;
  const patterns = listOf(rule === 'only' ? only : ignore).flat(3);
  // Of a long list of names to ignore only those that fit are the reason.
  const fits = (pattern: unknown): boolean =>
    !passesFilters({ [filter]: { ignore: pattern } }, ref, context.variables, {});
  return {
    type: 'filter',
    filter,
    rule,
    patterns: (rule === 'only' ? patterns : patterns.filter(fits))
      .slice(0, context.detailed ? PATTERNS : 1)
      .map((pattern) => cutText(String(pattern))),
    value,
    ...withPlace(locate(path)),
  };
}
