// How slices name their events.
import type { NewEvent } from './event-store.port.js';

/** An event type of a slice: `type ProjectCreated = EventOf<'ProjectCreated', {...}>`. */
export type EventOf<Type extends string, Data> = NewEvent<Type, Data>;

/** Makes the events of a slice from their types: `event<ProjectEvent>('ProjectCreated', {...})`. */
export function event<E extends NewEvent, Type extends E['type'] = E['type']>(
  type: Type,
  data: Extract<E, { type: Type }>['data'],
): E {
  return { type, data } as unknown as E;
}
