// A tree of schema violations and its text in the original's layout (LANGUAGE C-013, C-015).
import { placeOf, type ConfigNode } from '../yaml/node.js';
import type { ConfigProblem } from '../config.types.js';
import { problemAt, type Place } from '../problems/fault.js';

export interface Violation {
  at: Place;
  /** The path that is printed; a key's own place may be more exact. */
  pointer: string;
  text: string;
  notes?: readonly string[];
  causes?: readonly Violation[];
}

export function violation(node: ConfigNode, text: string, more: Partial<Violation> = {}): Violation {
  return { at: placeOf(node), pointer: node.pointer ?? '#', text, ...more };
}

/** Several violations of one node under one headline; one stands for itself. */
export function together(node: ConfigNode, causes: readonly Violation[]): Violation | undefined {
  if (causes.length < 2) return causes[0];
  return violation(node, `${causes.length} schema violations found`, { causes });
}

/** The problem, placed where its first innermost cause is. */
export function problemOfViolation(found: Violation): ConfigProblem {
  let innermost = found;
  while (innermost.causes?.[0]) innermost = innermost.causes[0];
  return problemAt(['ERROR IN CONFIG FILE:', ...render(found, '', '')].join('\n'), {
    ...innermost.at,
    pointer: innermost.at.pointer ?? innermost.pointer,
  });
}

function render(found: Violation, indent: string, number: string): string[] {
  const inner = number === '' ? indent : `${indent}|   `;
  return [
    `${indent}${number}[${found.pointer}] ${found.text}`,
    ...(found.notes ?? []).map((note) => `${inner}${note}`),
    ...(found.causes ?? []).flatMap((cause, index) => render(cause, inner, `${index + 1}. `)),
  ];
}
