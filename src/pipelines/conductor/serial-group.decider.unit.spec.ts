// Who gets the lock of a serial group, and in which order (LANGUAGE C-309).
import { describe, expect, it } from '@jest/globals';
import { decideAfter } from '../../../test/support/given.js';
import { event } from '../../platform/event-store/event-of.js';
import { serialGroupDecider, type SerialGroupCommand } from './serial-group.decider.js';
import type { SerialGroupEvent } from './serial-group.events.js';
import type { LockTicket } from './workflow.events.js';

const ticket = (name: string, pipelineNumber = 1, projectId = 'p1'): LockTicket => ({
  organization: 'gh/acme',
  key: 'deploy',
  workflowId: `w-${name}`,
  jobId: name,
  projectId,
  pipelineId: `pl-${pipelineNumber}`,
  pipelineNumber,
});
const groupId = 'g';
const join = (of: LockTicket): SerialGroupCommand => ({ type: 'JoinSerialGroup', groupId, ticket: of });
const leave = (jobId: string): SerialGroupCommand => ({ type: 'LeaveSerialGroup', groupId, jobId });
const expire = (jobId: string): SerialGroupCommand => ({ type: 'ExpireWait', groupId, jobId });
const e = (type: Exclude<SerialGroupEvent['type'], 'SerialGroupPassedOver'>, of: LockTicket) =>
  event<SerialGroupEvent>(type, { groupId, ticket: of });
const passedOver = (of: LockTicket, newerPipeline: number) =>
  event<SerialGroupEvent>('SerialGroupPassedOver', { groupId, ticket: of, newerPipeline });

const after = (given: SerialGroupEvent[], command: SerialGroupCommand) =>
  decideAfter(serialGroupDecider, given, command);
const events = (...list: SerialGroupEvent[]) => ({ events: list.map(({ type, data }) => [type, data]) });

const [a, b, c] = [ticket('a', 1), ticket('b', 2), ticket('c', 3)];
const stranger = ticket('s', 1, 'p2');

describe('JoinSerialGroup', () => {
  it('takes a lock that nobody has', () => {
    expect(after([], join(a))).toEqual(events(e('SerialGroupLockTaken', a)));
  });
  it('waits for a lock that somebody has', () => {
    expect(after([e('SerialGroupLockTaken', a)], join(b))).toEqual(events(e('SerialGroupJoined', b)));
  });
  it('is passed over when a newer pipeline of the project has the lock or waits', () => {
    expect(after([e('SerialGroupLockTaken', b)], join(a))).toEqual(events(passedOver(a, 2)));
    const waiting = [e('SerialGroupLockTaken', stranger), e('SerialGroupJoined', b)];
    expect(after(waiting, join(a))).toEqual(events(passedOver(a, 2)));
  });
  it('does not mind newer pipelines of other projects, nor other workflows of its own', () => {
    expect(after([e('SerialGroupLockTaken', ticket('x', 9, 'p2'))], join(a))).toEqual(
      events(e('SerialGroupJoined', a)),
    );
    expect(after([e('SerialGroupLockTaken', a)], join(ticket('a2', 1)))).toEqual(
      events(e('SerialGroupJoined', ticket('a2', 1))),
    );
  });
  it('does nothing a second time', () => {
    expect(after([e('SerialGroupLockTaken', a)], join(a))).toEqual({ nothing: 'already there' });
  });
});

describe('LeaveSerialGroup', () => {
  it('gives the lock to who has waited longest', () => {
    const given = [e('SerialGroupLockTaken', a), e('SerialGroupJoined', stranger), e('SerialGroupJoined', b)];
    expect(after(given, leave('a'))).toEqual(
      events(e('SerialGroupLeft', a), e('SerialGroupLockTaken', stranger)),
    );
  });
  it('passes over those that a newer pipeline has overtaken in the meantime', () => {
    const given = [e('SerialGroupLockTaken', a), e('SerialGroupJoined', b), e('SerialGroupJoined', c)];
    expect(after(given, leave('a'))).toEqual(
      events(e('SerialGroupLeft', a), passedOver(b, 3), e('SerialGroupLockTaken', c)),
    );
  });
  it('lets one that waits go, and nobody else moves', () => {
    const given = [e('SerialGroupLockTaken', a), e('SerialGroupJoined', b), e('SerialGroupJoined', c)];
    expect(after(given, leave('c'))).toEqual(events(e('SerialGroupLeft', c)));
    expect(after([...given, e('SerialGroupLeft', c)], leave('a'))).toEqual(
      events(e('SerialGroupLeft', a), e('SerialGroupLockTaken', b)),
    );
  });
  it('does nothing for one that is not there', () => {
    expect(after([e('SerialGroupLockTaken', a)], leave('b'))).toEqual({ nothing: 'it is not there' });
  });
});

describe('ExpireWait', () => {
  const given = [e('SerialGroupLockTaken', a), e('SerialGroupJoined', b)];
  it('ends a wait', () => {
    expect(after(given, expire('b'))).toEqual(events(e('SerialGroupWaitExpired', b)));
  });
  it('does nothing to one that got the lock meanwhile, or has gone', () => {
    expect(after(given, expire('a'))).toEqual({ nothing: 'it has the lock' });
    expect(after(given, expire('c'))).toEqual({ nothing: 'it is not there' });
  });
});
