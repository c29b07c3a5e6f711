// The shape of an aggregate (DESIGN D3): three pure functions over plain data.
import type { EventTypes } from './event-of.js';
import type { NewEvent } from './event-store.port.js';

/** What a decision comes to: facts to record, or a named reason why there is nothing to do. */
export type Decision<E extends NewEvent> = { events: readonly E[] } | { nothing: string };

export interface Decider<Command, State, E extends NewEvent> {
  /** What it evolves: the types of its slice. */
  readonly events: EventTypes<E['type']>;
  /** Throws one of the four error classes when a rule is broken. Reads no clock, makes no ids. */
  decide(command: Command, state: State): Decision<E>;
  evolve(state: State, event: E): State;
  initialState(): State;
}

/** Records facts. */
export function record<E extends NewEvent>(...events: E[]): Decision<E> {
  return { events };
}

/** Nothing to do, and why. */
export function nothing(reason: string): { nothing: string } {
  return { nothing: reason };
}
