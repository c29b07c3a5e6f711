// Waiting in a serial group, on PostgreSQL: the table that the events make, and what ends the waiting.
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { CommandBus } from '@nestjs/cqrs';
import type { DataSource } from 'typeorm';
import { migrations } from '../../../migrations/index.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { openDatabase } from '../../platform/database/data-source.js';
import { Aggregates } from '../../platform/event-store/aggregates.js';
import { event } from '../../platform/event-store/event-of.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import { PostgresEventStore } from '../../platform/event-store/postgres/postgres-event-store.js';
import { newId } from '../../platform/ids/ids.js';
import { OnSerialGroup, OnSerialGroupHandler, serialGroupId } from './serial-group.commands.js';
import { SerialGroupTicketEntity } from './serial-group.entity.js';
import { SerialGroupProjection } from './serial-group.projection.js';
import type { SerialGroupCommand } from './serial-group.decider.js';
import type { SerialGroupEvent } from './serial-group.events.js';
import { SerialGroupWaitHandler } from './serial-group.work.js';
import type { LockTicket } from './workflow.events.js';

let test: TestDatabase;
let database: DataSource;
let store: PostgresEventStore;
let commands: OnSerialGroupHandler;
let waits: SerialGroupWaitHandler;

beforeAll(async () => {
  test = await createTestDatabase();
  database = await openDatabase({
    url: test.url,
    poolSize: 2,
    entities: [SerialGroupTicketEntity],
    migrations,
  });
  store = await PostgresEventStore.open({ url: test.url });
  commands = new OnSerialGroupHandler(new Aggregates(store));
  const bus = { execute: (command: OnSerialGroup) => commands.execute(command) } as unknown as CommandBus;
  waits = new SerialGroupWaitHandler(database, bus);
});
afterAll(async () => {
  await database?.destroy();
  await store?.close();
  await test?.drop();
});
beforeEach(async () => {
  await database.getRepository(SerialGroupTicketEntity).clear();
});

const group = (): string => `key-${newId()}`;
const ticketOf = (key: string, pipelineNumber: number, projectId = newId()): LockTicket => ({
  organization: 'gh/acme',
  key,
  workflowId: newId(),
  jobId: newId(),
  projectId,
  pipelineId: newId(),
  pipelineNumber,
});

/** Decides a command, and shows the projection what came of it. */
async function run(command: SerialGroupCommand): Promise<string[]> {
  const commandId = newId();
  const actor = { type: 'system' as const, id: 'test' };
  const context = { commandId, correlationId: commandId, causationId: commandId, actor };
  const outcome = await commands.execute(new OnSerialGroup(command, context));
  if ('nothing' in outcome) return [];
  await project(outcome.events, new Date('2026-01-01T00:00:00Z'));
  return outcome.events.map(({ type }) => type);
}
function project(events: readonly SerialGroupEvent[], time: Date): Promise<void> {
  const recorded = events.map((each) => ({ ...each, time })) as unknown as RecordedEvent[];
  return database.transaction((db) => new SerialGroupProjection().project(recorded, db));
}
const join = (ticket: LockTicket): Promise<string[]> =>
  run({ type: 'JoinSerialGroup', groupId: serialGroupId(ticket), ticket });
const leave = (ticket: LockTicket): Promise<string[]> =>
  run({ type: 'LeaveSerialGroup', groupId: serialGroupId(ticket), jobId: ticket.jobId });
const table = async (): Promise<string[]> =>
  (await database.manager.find(SerialGroupTicketEntity, { order: { pipelineNumber: 'ASC' } })).map(
    ({ pipelineNumber, state }) => `${pipelineNumber} ${state}`,
  );

it('shows who has the lock and who waits, and forgets who has left', async () => {
  const [key, project] = [group(), newId()];
  const [first, second, third] = [1, 2, 3].map((number) => ticketOf(key, number, project)) as [
    LockTicket,
    LockTicket,
    LockTicket,
  ];
  await join(first);
  await join(third);
  await join(ticketOf(key, 4));
  expect(await join(second)).toEqual(['SerialGroupPassedOver']);
  expect(await table()).toEqual(['1 holding', '3 waiting', '4 waiting']);
  await leave(first);
  expect(await table()).toEqual(['3 holding', '4 waiting']);
  await leave(third);
  expect(await table()).toEqual(['4 holding']);
});

it('the waiting of whoever waits too long is ended, and of nobody else, page by page', async () => {
  const key = group();
  const holder = ticketOf(key, 1);
  const waiting = [2, 3, 4].map((number) => ticketOf(key, number));
  await join(holder);
  for (const ticket of waiting) await join(ticket);
  const late = ticketOf(key, 5);
  await project(
    [event<SerialGroupEvent>('SerialGroupJoined', { groupId: serialGroupId(late), ticket: late })],
    new Date('2026-01-01T04:00:00Z'),
  );

  waits.clock = { now: () => new Date('2026-01-01T05:00:00Z') };
  expect(await waits.waiting(undefined, 10)).toEqual([]);
  waits.clock = { now: () => new Date('2026-01-01T05:00:01Z') };
  const found = await waits.waiting(undefined, 2);
  expect(found).toHaveLength(2);
  found.push(...(await waits.waiting(found.at(-1)!.key, 2)));
  const groupId = serialGroupId(holder);
  expect(found).toEqual(
    waiting
      .map(({ jobId }) => ({ key: jobId, payload: { groupId, jobId } }))
      .sort((a, b) => (a.key < b.key ? -1 : 1)),
  );

  // Twice, as work that is delivered at least once is: the second time nothing follows.
  for (const { payload } of [...found, ...found]) await waits.perform(payload);
  const events = await store.readStream(`serialGroup-${groupId}`);
  expect(events.map(({ type }) => type)).toEqual([
    'SerialGroupLockTaken',
    ...waiting.map(() => 'SerialGroupJoined'),
    ...waiting.map(() => 'SerialGroupWaitExpired'),
  ]);
  expect(new Set(waiting.map(({ jobId }) => jobId))).toEqual(
    new Set(events.slice(-3).map(({ data }) => (data as { ticket: LockTicket }).ticket.jobId)),
  );
});

it('who has the lock keeps it however long', async () => {
  const holder = ticketOf(group(), 1);
  await join(holder);
  waits.clock = { now: () => new Date('2027-01-01T00:00:00Z') };
  expect(await waits.waiting(undefined, 10)).toEqual([]);
  expect(await run({ type: 'ExpireWait', groupId: serialGroupId(holder), jobId: holder.jobId })).toEqual([]);
  expect(await table()).toEqual(['1 holding']);
});
