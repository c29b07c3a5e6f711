// Given / when / then over the events of a decider.
import type { Decider } from '../../src/platform/event-store/decider.js';
import type { NewEvent } from '../../src/platform/event-store/event-store.port.js';

/**
 * What a decider makes of a command after these events: its new events as plain `[type, data]` pairs, the reason why
 * there is nothing to do, or the error as `CODE: message`.
 */
export function decideAfter<Command, State, E extends NewEvent>(
  decider: Decider<Command, State, E>,
  given: readonly E[],
  command: Command,
): { events: [string, unknown][] } | { nothing: string } | { error: string } {
  const state = given.reduce((s, e) => decider.evolve(s, e), decider.initialState());
  try {
    const decision = decider.decide(command, state);
    return 'nothing' in decision ? decision : { events: decision.events.map((e) => [e.type, e.data]) };
  } catch (error) {
    const { name, code, message } = error as Error & { code?: string };
    if (code === undefined) throw error;
    return { error: `${name} ${code}: ${message}` };
  }
}
