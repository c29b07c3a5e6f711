// How slices name their events.
import type { NewEvent } from './event-store.port.js';

/** An event type of a slice: `type ProjectCreated = EventOf<'ProjectCreated', {...}>`. */
export type EventOf<Type extends string, Data> = NewEvent<Type, Data>;

/**
 * Who takes an event in: the decider of its stream (and followers); followers only; or whoever reads or counts its
 * stream.
 */
export type TakenIn = 'decided' | 'followed' | 'read';
export type EventTypes<Type extends string = string> = Readonly<Record<Type, TakenIn>>;

const declarations = new WeakSet<object>();

/** Names every event type of a slice, for the self-check at start. The compiler demands that none is left out. */
export function eventTypes<E extends NewEvent>(types: EventTypes<E['type']>): EventTypes<E['type']> {
  declarations.add(types);
  return types;
}

export function isEventTypes(value: unknown): value is EventTypes {
  return typeof value === 'object' && value !== null && declarations.has(value);
}

/** Makes the events of a slice from their types: `event<ProjectEvent>('ProjectCreated', {...})`. */
export function event<E extends NewEvent, Type extends E['type'] = E['type']>(
  type: Type,
  data: Extract<E, { type: Type }>['data'],
): E {
  return { type, data } as unknown as E;
}
