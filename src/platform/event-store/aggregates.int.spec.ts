// Commands on a real store: decided again when somebody else was faster, recorded once however often they are repeated.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { ConflictError } from '../errors/errors.js';
import { newId } from '../ids/ids.js';
import { Aggregates, type CommandContext } from './aggregates.js';
import { nothing, record, type Decider } from './decider.js';
import { event, type EventOf } from './event-of.js';
import type { EventStore } from './event-store.port.js';
import { PostgresEventStore } from './postgres/postgres-event-store.js';
import { eventStoreSchemaSql } from './postgres/schema.js';

type Taken = EventOf<'SeatTaken', { seat: number; by: string }>;
type Take = { by: string };
const SEATS = 12;

/** Seats are given out in order, one for each name, until there are none. */
const seats: Decider<Take, string[], Taken> = {
  events: { SeatTaken: 'decided' },
  initialState: () => [],
  decide({ by }, taken) {
    if (taken.includes(by)) return nothing('has a seat');
    if (taken.length === SEATS) throw new ConflictError('SEATS.NONE', 'no seat is left');
    return record(event<Taken>('SeatTaken', { seat: taken.length + 1, by }));
  },
  evolve: (taken, { data }) => [...taken, data.by],
};

let database: TestDatabase;
let store: PostgresEventStore;
beforeAll(async () => {
  database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(eventStoreSchemaSql);
  await client.end();
  store = await PostgresEventStore.open({ url: database.url });
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

const context = (commandId = newId()): CommandContext => ({
  commandId,
  correlationId: commandId,
  causationId: commandId,
  actor: { type: 'system', id: 'test' },
});
const freshStream = (): string => `seats-${newId()}`;

describe('Aggregates', () => {
  it('begins a stream without a look at it, and finds out when it has begun before', async () => {
    const stream = freshStream();
    const reads: string[] = [];
    const watched: EventStore = Object.assign(Object.create(store) as EventStore, {
      readStream: (name: string) => {
        reads.push(name);
        return store.readStream(name);
      },
    });
    const begins = { begins: true };
    const first = await new Aggregates(watched).execute(seats, stream, { by: 'ada' }, context(), begins);
    expect(reads).toEqual([]);
    expect(first).toMatchObject({ events: [{ data: { seat: 1, by: 'ada' } }] });
    // To another process the stream looks empty until the append is refused.
    const second = await new Aggregates(watched).execute(seats, stream, { by: 'bob' }, context(), begins);
    expect(second).toMatchObject({ events: [{ data: { seat: 2, by: 'bob' } }] });
    const again = await new Aggregates(watched).execute(seats, stream, { by: 'ada' }, context(), begins);
    expect(again).toMatchObject({ nothing: 'has a seat' });
    expect(reads).toEqual([stream, stream]);
  });

  it('a command that joins belongs to the chain of the stream, whichever process it comes to', async () => {
    const stream = freshStream();
    const [begun, joins] = [context(), { ...context(), joins: true }];
    const here = new Aggregates(store);
    await here.execute(seats, stream, { by: 'first' }, joins, { begins: true });
    await here.execute(seats, stream, { by: 'other' }, begun);
    await here.execute(seats, stream, { by: 'remembered' }, { ...context(), joins: true });
    await new Aggregates(store).execute(seats, stream, { by: 'read' }, { ...context(), joins: true });
    const chains = (await store.readStream(stream)).map(({ metadata }) => metadata.correlationId);
    const { correlationId: first } = joins;
    expect(chains).toEqual([first, begun.correlationId, first, first]);
  });

  it('does not refuse by what it remembers when the stream says otherwise', async () => {
    type Lit = EventOf<'Lit', { on: boolean }>;
    const lamp: Decider<boolean, boolean, Lit> = {
      events: { Lit: 'decided' },
      initialState: () => false,
      decide(on, isOn) {
        if (on === isOn) throw new ConflictError('LAMP.SAME', 'the lamp is so already');
        return record(event<Lit>('Lit', { on }));
      },
      evolve: (_, { data }) => data.on,
    };
    const stream = `lamp-${newId()}`;
    const [here, elsewhere] = [new Aggregates(store), new Aggregates(store)];
    await here.execute(lamp, stream, true, context());
    await elsewhere.execute(lamp, stream, false, context());
    expect(await here.execute(lamp, stream, true, context())).toMatchObject({ state: true });
    await expect(here.execute(lamp, stream, true, context())).rejects.toThrow('the lamp is so already');
  });

  it('decides again on conflict: racing processes each get another seat', async () => {
    const stream = freshStream();
    const processes = [new Aggregates(store), new Aggregates(store), new Aggregates(store)];
    const names = Array.from({ length: SEATS }, (_, i) => `n${i}`);
    await Promise.all(names.map((by, i) => processes[i % 3]!.execute(seats, stream, { by }, context())));
    const events = await store.readStream(stream);
    expect(events.map(({ data }) => (data as Taken['data']).seat)).toEqual(names.map((_, i) => i + 1));
    expect(events.map(({ data }) => (data as Taken['data']).by).sort()).toEqual([...names].sort());
  });

  it('judges by the present state, not by the one it remembers', async () => {
    const stream = freshStream();
    const [one, other] = [new Aggregates(store), new Aggregates(store)];
    for (let i = 0; i < SEATS - 1; i++) await one.execute(seats, stream, { by: `n${i}` }, context());
    await other.execute(seats, stream, { by: 'last' }, context());
    await expect(one.execute(seats, stream, { by: 'late' }, context())).rejects.toThrow('no seat is left');
    const outcome = await one.execute(seats, stream, { by: 'last' }, context());
    expect(outcome).toMatchObject({ nothing: 'has a seat' });
    expect(outcome.state).toHaveLength(SEATS);
  });

  it('records a command once that is repeated by its id, also by another process', async () => {
    const stream = freshStream();
    const commandId = newId();
    const by = { by: 'ada' };
    // Decided on the empty stream twice, as when the first answer was lost: the store knows the events by their ids.
    const blind = { ...seats, decide: () => record(event<Taken>('SeatTaken', { seat: 1, by: 'ada' })) };
    const first = await new Aggregates(store).execute(blind, stream, by, context(commandId));
    const again = await new Aggregates(store).execute(blind, stream, by, context(commandId));
    expect(first).toMatchObject({ appended: { revision: 0, repeated: false } });
    expect(again).toMatchObject({ appended: { revision: 0, repeated: true } });
    expect(await store.readStream(stream)).toHaveLength(1);
  });

  it('records the metadata of its context', async () => {
    const stream = freshStream();
    const given = context();
    await new Aggregates(store).execute(seats, stream, { by: 'ada' }, given);
    const [recorded] = await store.readStream(stream);
    const { correlationId, causationId, actor } = given;
    expect(recorded!.metadata).toMatchObject({ correlationId, causationId, actor });
  });
});
