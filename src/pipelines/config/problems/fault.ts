// How a stage reports a fault: thrown as ConfigFault, collected by whoever can go on, never seen outside compile().
import type { ConfigCall, ConfigProblem } from '../config.types.js';
import { sourcePlace, type Place } from './place.js';

export type { Place };

/** What is told of one config at most, in problems and in characters: hostile texts can have any number. */
const MOST_PROBLEMS = 500;
const MOST_CHARACTERS = 1_000_000;
const LONGEST_MESSAGE = 200_000;

export class ConfigFault extends Error {
  /** `isFinal`: a limit is used up, so going on would only meet it again. */
  constructor(
    readonly problems: readonly ConfigProblem[],
    readonly isFinal = false,
  ) {
    super(problems[0]?.message);
    this.name = 'ConfigFault';
  }
}

/** What anything thrown by a compilation comes to. `what` is what was compiled, e.g. `config`. */
export function problemsOf(error: unknown, what = 'config'): ConfigProblem[] {
  if (error instanceof ConfigFault) return [...error.problems];
  // The stack ends before any of our own limits only for input that is nested thousands of levels deep.
  if (error instanceof RangeError) return [{ message: `The ${what} is nested too deeply` }];
  const reason = error instanceof Error ? error.message : String(error);
  return [{ message: `The ${what} could not be compiled: ${reason}` }];
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
    message: message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message,
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
      error.isFinal,
    );
  }
}

/** Gathers faults, so that one run reports as many mistakes as it can. */
export class FaultList {
  readonly problems: ConfigProblem[] = [];
  private readonly known = new Set<string>();
  private characters = 0;

  /** The result of `work`, or undefined after a fault, which is kept. Throws a fault that is final. */
  collect<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ConfigFault) || error.isFinal) throw error;
      for (const problem of error.problems) this.add(problem);
      return undefined;
    }
  }

  add(problem: ConfigProblem): void {
    const key = `${problem.pointer ?? ''}\n${problem.message}`;
    if (this.known.has(key)) return;
    this.known.add(key);
    this.problems.push(problem);
    this.characters += problem.message.length;
    if (this.problems.length < MOST_PROBLEMS && this.characters < MOST_CHARACTERS) return;
    const message = `There are more problems than these ${this.problems.length}`;
    throw new ConfigFault([...this.problems, problemAt(message, {})], true);
  }

  throwIfAny(): void {
    if (this.problems.length > 0) throw new ConfigFault(this.problems);
  }
}
