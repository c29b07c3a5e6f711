// Facts about a serial group: who waits for its lock, who has it, who went away (LANGUAGE C-309).
import { eventTypes, type EventOf } from '../../platform/event-store/event-of.js';
import type { LockTicket } from './workflow.events.js';

type InGroup = { groupId: string; ticket: LockTicket };

/** The lock was taken: the ticket waits its turn. */
export type SerialGroupJoined = EventOf<'SerialGroupJoined', InGroup>;
export type SerialGroupLockTaken = EventOf<'SerialGroupLockTaken', InGroup>;
/** Its turn came, or would have, while a newer pipeline of the project has the lock or waits. */
export type SerialGroupPassedOver = EventOf<'SerialGroupPassedOver', InGroup & { newerPipeline: number }>;
/** It had the lock or waited, and has no more need of it. */
export type SerialGroupLeft = EventOf<'SerialGroupLeft', InGroup>;
/** It has waited as long as one may. */
export type SerialGroupWaitExpired = EventOf<'SerialGroupWaitExpired', InGroup>;

export type SerialGroupEvent =
  SerialGroupJoined | SerialGroupLockTaken | SerialGroupPassedOver | SerialGroupLeft | SerialGroupWaitExpired;

export const serialGroupEvents = eventTypes<SerialGroupEvent>({
  SerialGroupJoined: 'decided',
  SerialGroupLockTaken: 'decided',
  SerialGroupPassedOver: 'decided',
  SerialGroupLeft: 'decided',
  SerialGroupWaitExpired: 'decided',
});
