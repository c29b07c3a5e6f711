// Binds arguments to declared parameters, with the original's messages for what does not fit (LANGUAGE C-138 to C-142).
import { FaultList, problemAt, type Place } from '../problems/fault.js';
import { didYouMean } from '../problems/suggest.js';
import type { ConfigNode } from '../yaml/node.js';
import type { Declarations } from './declaration.js';
import { expectedType, formatActual, hasType } from './types.js';

export interface BoundParameter {
  value: ConfigNode;
  /** From the declaration's default: it belongs to the scope of the element, not of the caller (C-130). */
  isDefault: boolean;
}

/**
 * Throws a ConfigFault with every fault. `at` is the call; a type error stands at the argument itself. The arguments named
 * in `absent` are of the right type though they are null.
 */
export function bindArguments(
  declarations: Declarations,
  args: ReadonlyMap<string, ConfigNode>,
  at: Place,
  absent: ReadonlySet<string> = new Set(),
): Map<string, BoundParameter> {
  const faults = new FaultList();
  const unexpected = [...args.keys()].filter((name) => !declarations.has(name));
  if (unexpected.length > 0) {
    const hints = unexpected.flatMap((name) => didYouMean(name, declarations.keys()) ?? []);
    const message = `Unexpected argument(s): ${unexpected.join(', ')}`;
    const place = args.get(unexpected[0]!) ?? at;
    faults.add(problemAt(message, place, hints.length > 0 ? hints.join('\n') : undefined));
  }
  const missing = [...declarations.values()].filter((d) => d.default === undefined && !args.has(d.name));
  if (missing.length > 0) {
    faults.add(problemAt(`Missing required argument(s): ${missing.map((d) => d.name).join(', ')}`, at));
  }
  const bound = new Map<string, BoundParameter>();
  for (const { name, type, values, default: defaultValue } of declarations.values()) {
    const given = args.get(name);
    if (given && !absent.has(name) && !hasType(given, type, values)) {
      const expected = `expected type: ${expectedType(type, values)}, actual value: ${formatActual(given, '"')}`;
      faults.add(problemAt(`Type error for argument ${name}: ${expected}`, given));
    }
    const value = given ?? defaultValue;
    if (value) bound.set(name, { value, isDefault: given === undefined });
  }
  faults.throwIfAny();
  return bound;
}
