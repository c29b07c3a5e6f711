// The rules of a serial group: one has the lock, the others wait in the order in which they came, and an older pipeline
// of a project never goes after a newer one (LANGUAGE C-309).
import { event } from '../../platform/event-store/event-of.js';
import { nothing, type Decider } from '../../platform/event-store/decider.js';
import { serialGroupEvents, type SerialGroupEvent } from './serial-group.events.js';
import type { LockTicket } from './workflow.events.js';

export type SerialGroupCommand =
  | { type: 'JoinSerialGroup'; groupId: string; ticket: LockTicket }
  | { type: 'LeaveSerialGroup'; groupId: string; jobId: string }
  | { type: 'ExpireWait'; groupId: string; jobId: string };

export interface SerialGroupState {
  holder?: LockTicket;
  /** First come, first served. */
  waiting: readonly LockTicket[];
}

export const serialGroupDecider: Decider<SerialGroupCommand, SerialGroupState, SerialGroupEvent> = {
  events: serialGroupEvents,
  initialState: () => ({ waiting: [] }),

  decide(command, state) {
    const { groupId } = command;
    switch (command.type) {
      case 'JoinSerialGroup': {
        const { ticket } = command;
        if (ticketsOf(state).some(({ jobId }) => jobId === ticket.jobId)) return nothing('already there');
        const newer = newerThan(ticket, state);
        if (newer !== undefined) return { events: [passedOver(groupId, ticket, newer)] };
        const joined = event<SerialGroupEvent>('SerialGroupJoined', { groupId, ticket });
        return { events: [state.holder ? joined : taken(groupId, ticket)] };
      }
      case 'LeaveSerialGroup':
        return leave(command, state, (ticket) =>
          event<SerialGroupEvent>('SerialGroupLeft', { groupId, ticket }),
        );
      case 'ExpireWait':
        if (state.holder?.jobId === command.jobId) return nothing('it has the lock');
        return leave(command, state, (ticket) =>
          event<SerialGroupEvent>('SerialGroupWaitExpired', { groupId, ticket }),
        );
    }
  },

  evolve(state, { type, data: { ticket } }) {
    const waiting = state.waiting.filter(({ jobId }) => jobId !== ticket.jobId);
    switch (type) {
      case 'SerialGroupJoined':
        return { ...state, waiting: [...waiting, ticket] };
      case 'SerialGroupLockTaken':
        return { holder: ticket, waiting };
      case 'SerialGroupPassedOver':
      case 'SerialGroupWaitExpired':
        return { ...state, waiting };
      case 'SerialGroupLeft':
        return state.holder?.jobId === ticket.jobId ? { waiting } : { ...state, waiting };
    }
  },
};

function ticketsOf({ holder, waiting }: SerialGroupState): LockTicket[] {
  return holder ? [holder, ...waiting] : [...waiting];
}

/** The number of a newer pipeline of the same project that has the lock or waits for it. */
function newerThan(ticket: LockTicket, state: SerialGroupState): number | undefined {
  return ticketsOf(state).find(
    (other) => other.projectId === ticket.projectId && other.pipelineNumber > ticket.pipelineNumber,
  )?.pipelineNumber;
}

function taken(groupId: string, ticket: LockTicket): SerialGroupEvent {
  return event<SerialGroupEvent>('SerialGroupLockTaken', { groupId, ticket });
}

function passedOver(groupId: string, ticket: LockTicket, newerPipeline: number): SerialGroupEvent {
  return event<SerialGroupEvent>('SerialGroupPassedOver', { groupId, ticket, newerPipeline });
}

/** One goes; when it had the lock, the next takes it whom no newer pipeline has overtaken. */
function leave(
  { groupId, jobId }: { groupId: string; jobId: string },
  state: SerialGroupState,
  going: (ticket: LockTicket) => SerialGroupEvent,
) {
  const ticket = ticketsOf(state).find((each) => each.jobId === jobId);
  if (!ticket) return nothing('it is not there');
  const events = [going(ticket)];
  let now = serialGroupDecider.evolve(state, events[0]!);
  while (!now.holder && now.waiting[0]) {
    const next = now.waiting[0];
    const newer = newerThan(next, now);
    const decided = newer === undefined ? taken(groupId, next) : passedOver(groupId, next, newer);
    events.push(decided);
    now = serialGroupDecider.evolve(now, decided);
  }
  return { events };
}
