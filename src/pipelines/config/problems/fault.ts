// How a stage reports a fault: thrown as ConfigFault, collected by whoever can go on, never seen outside compile().
import type { ConfigCall, ConfigProblem } from '../config.types.js';
import { sourcePlace, type Place } from './place.js';

export type { Place };

export class ConfigFault extends Error {
  constructor(readonly problems: readonly ConfigProblem[]) {
    super(problems[0]?.message);
    this.name = 'ConfigFault';
  }
}

/** A fault with one message; `at` gives its place and may be any node. */
export function fault(message: string, at: Place = {}, hint?: string): ConfigFault {
  return new ConfigFault([problemAt(message, at, hint)]);
}

export function problemAt(
  message: string,
  { file, line, column, pointer }: Place,
  hint?: string,
): ConfigProblem {
  return {
    message,
    ...(hint !== undefined && { hint }),
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(pointer !== undefined && { pointer }),
  };
}

/**
 * Runs `work`; a fault inside gets the line that names the caller put before its message, as the original prints it:
 * `Error calling job: 'build'` (LANGUAGE C-014). With the place of the call, `at`, the call becomes part of the problem's chain.
 */
export function calling<T>(kind: ConfigCall['kind'], name: string, work: () => T, at?: Place): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ConfigFault)) throw error;
    const place = sourcePlace(at);
    throw new ConfigFault(
      error.problems.map((p) => ({
        ...p,
        message: `Error calling ${kind}: '${name}'\n${p.message}`,
        ...(place && { calls: [{ kind, name, ...place }, ...(p.calls ?? [])] }),
      })),
    );
  }
}

/** Gathers faults, so that one run reports as many mistakes as it can. */
export class FaultList {
  readonly problems: ConfigProblem[] = [];

  /** The result of `work`, or undefined after a fault, which is kept. */
  collect<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ConfigFault)) throw error;
      for (const problem of error.problems) this.add(problem);
      return undefined;
    }
  }

  add(problem: ConfigProblem): void {
    const known = this.problems.some((p) => p.message === problem.message && p.pointer === problem.pointer);
    if (!known) this.problems.push(problem);
  }

  throwIfAny(): void {
    if (this.problems.length > 0) throw new ConfigFault(this.problems);
  }
}
