// Which items of the language the cases decide, of those that are the compiler's to decide (items.yml).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { CASES, type Case } from './case.js';

const reasons = ['runtime', 'api', 'trigger', 'editor', 'cloud', 'documentation'] as const;
const item = z.string().regex(/^C-\d{3}$/);
const schema = z.strictObject({
  /** Items are numbered from 1 to this. */
  last: z.int().positive(),
  elsewhere: z.record(item, z.enum(reasons)),
});

export interface Coverage {
  covered: string[];
  /** Items that the compiler decides and no case does. */
  open: string[];
  /** Items said to be decided elsewhere that have a case after all, and items that do not exist. */
  wrong: string[];
}

/** Throws an Error when items.yml is not of its form. */
export function coverageOf(cases: readonly Case[]): Coverage {
  const read = schema.safeParse(parse(readFileSync(join(CASES, 'items.yml'), 'utf8')));
  if (!read.success) throw new Error(`items.yml: ${z.prettifyError(read.error)}`);
  const { last, elsewhere } = read.data;
  const all = Array.from({ length: last }, (_, index) => `C-${String(index + 1).padStart(3, '0')}`);
  const decided = new Set(cases.flatMap(({ items }) => items));
  const known = new Set(all);
  return {
    covered: all.filter((name) => !(name in elsewhere) && decided.has(name)),
    open: all.filter((name) => !(name in elsewhere) && !decided.has(name)),
    wrong: [...decided, ...Object.keys(elsewhere)].filter(
      (name) => !known.has(name) || (decided.has(name) && name in elsewhere),
    ),
  };
}
