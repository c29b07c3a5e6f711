// A tree of schema violations and its text in the original's layout (LANGUAGE C-013, C-015).
import { placeOf, type ConfigNode } from '../yaml/node.js';
import type { ConfigProblem } from '../config.types.js';
import { problemAt, type Place } from '../problems/fault.js';

export interface Violation {
  at: Place;
  /** The path that is printed; a key's own place may be more exact. */
  pointer: string;
  text: string;
  /** Lines below the text. */
  notes?: readonly string[];
  causes?: readonly Violation[];
  /** A line of help that the original does not have. */
  hint?: string;
}

export function violation(node: ConfigNode, text: string, more: Partial<Violation> = {}): Violation {
  return { at: placeOf(node), pointer: node.pointer ?? '#', text, ...more };
}

/** Several violations of one node under one headline, which counts the innermost ones; one stands for itself. */
export function together(
  node: ConfigNode,
  causes: readonly Violation[],
  notes?: readonly string[],
): Violation | undefined {
  if (causes.length < 2) return causes[0];
  const count = causes.reduce((sum, cause) => sum + innermost(cause), 0);
  return violation(node, `${count} schema violations found`, { causes, ...(notes && { notes }) });
}

function innermost({ causes }: Violation): number {
  return causes?.length ? causes.reduce((sum, cause) => sum + innermost(cause), 0) : 1;
}

/** The problem, placed where its first innermost cause is. */
export function problemOfViolation(found: Violation): ConfigProblem {
  let first = found;
  while (first.causes?.[0]) first = first.causes[0];
  const message = ['ERROR IN CONFIG FILE:', ...render(found, '', '')].join('\n');
  const place = { ...first.at, pointer: first.at.pointer ?? first.pointer };
  const hints = new Set(hintsOf(found));
  return problemAt(message, place, hints.size > 0 ? [...hints].join('\n') : undefined);
}

function hintsOf({ hint, causes }: Violation): string[] {
  return [...(hint === undefined ? [] : [hint]), ...(causes ?? []).flatMap(hintsOf)];
}

function render(found: Violation, indent: string, number: string): string[] {
  const inner = number === '' ? indent : `${indent}|   `;
  return [
    `${indent}${number}[${found.pointer}] ${found.text}`,
    ...(found.notes ?? []).map((note) => `${inner}${note}`),
    ...(found.causes ?? []).flatMap((cause, index) => render(cause, inner, `${index + 1}. `)),
  ];
}
