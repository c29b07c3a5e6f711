// Cron expressions as schedules of the config have them: five fields, without steps, without ranges in lists (C-314).

interface Field {
  name: string;
  from: number;
  to: number;
  /** Names that stand for numbers, from `from` on. */
  names?: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const FIELDS: readonly Field[] = [
  { name: 'minute', from: 0, to: 59 },
  { name: 'hour', from: 0, to: 23 },
  { name: 'day of the month', from: 1, to: 31 },
  { name: 'month', from: 1, to: 12, names: MONTHS },
  { name: 'day of the week', from: 0, to: 7, names: DAYS },
];

/** Why the expression cannot be used, or undefined. */
export function cronProblem(expression: string): string | undefined {
  const parts = expression.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) {
    return `a cron expression has ${FIELDS.length} fields, and "${expression}" has ${expression.trim() === '' ? 0 : parts.length}`;
  }
  for (const [index, field] of FIELDS.entries()) {
    const problem = fieldProblem(parts[index]!, field);
    if (problem !== undefined) return `${field.name}: ${problem}`;
  }
  return undefined;
}

function fieldProblem(text: string, field: Field): string | undefined {
  if (text === '*') return undefined;
  if (text.includes('/')) return `steps such as ${text} are not supported`;
  const items = text.split(',');
  for (const item of items) {
    const [from, to, ...more] = item.split('-');
    if (to !== undefined && items.length > 1) return `ranges in a list such as ${text} are not supported`;
    const numbers = [from, ...(to === undefined ? [] : [to]), ...more].map((part) => valueOf(part!, field));
    const isName = [from, to].some((part) => part !== undefined && !/^\d+$/.test(part));
    if (to !== undefined && isName && numbers.every((number) => number !== undefined)) {
      return `ranges of names such as ${text} are not supported`;
    }
    if (more.length > 0 || numbers.some((number) => number === undefined)) {
      return `${item || text} is not a number from ${field.from} to ${field.to}`;
    }
    if (to !== undefined && numbers[0]! > numbers[1]!) return `${item} ends before it begins`;
  }
  return undefined;
}

function valueOf(text: string, { from, to, names }: Field): number | undefined {
  const named = names?.indexOf(text.toUpperCase()) ?? -1;
  if (named >= 0) return from + named;
  const number = /^\d{1,2}$/.test(text) ? Number(text) : -1;
  return number >= from && number <= to ? number : undefined;
}
