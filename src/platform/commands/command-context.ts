// Who gives a command and what it follows from.
import type { CommandContext } from '../event-store/aggregates.js';
import type { Actor, RecordedEvent } from '../event-store/event-store.port.js';
import { derivedId, newId } from '../ids/ids.js';

export const SYSTEM: Actor = { type: 'system', id: 'rotunda' };

/** For a command from outside: a new chain, unless the caller names the request it belongs to. */
export function requestContext(actor: Actor, correlationId = newId()): CommandContext {
  return { commandId: newId(), correlationId, causationId: correlationId, actor };
}

/** For a command about work that others began, on a stream that has begun: its events belong to that one's chain. */
export function joiningContext(actor: Actor): CommandContext {
  return { ...requestContext(actor), joins: true };
}

/**
 * For a command that follows from an event. The same event and key give the same command id, so that reacting again
 * after a crash records nothing twice.
 */
export function reactionContext(event: RecordedEvent, ...key: (string | number)[]): CommandContext {
  return {
    commandId: derivedId(event.id, ...key),
    correlationId: event.metadata.correlationId,
    causationId: event.id,
    actor: event.metadata.actor,
  };
}
