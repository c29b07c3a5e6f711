// How fast the event store appends and reads, beside the same INSERTs sent straight to PostgreSQL in the same run.
// By hand: node dist/test/bench/event-append.js [database URL]; without a URL it starts a PostgreSQL of its own.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/platform/database/embedded/embedded-postgres.js';
import { LOG_START, type EventMetadata } from '../../src/platform/event-store/event-store.port.js';
import { PostgresEventStore } from '../../src/platform/event-store/postgres/postgres-event-store.js';
import { rawInsert } from '../../src/platform/event-store/postgres/raw-append.js';
import { eventStoreSchemaSql } from '../../src/platform/event-store/postgres/schema.js';
import { newId } from '../../src/platform/ids/ids.js';

const WRITERS = 8;
/** Many short ones: what else the machine does then falls on both sides alike. */
const ROUNDS = 25;
const ROUND_MS = 400;
const SINGLE_APPENDS = 2_000;
const READ_LIMIT_MS = 60_000;

const metadata: EventMetadata = {
  correlationId: newId(),
  causationId: newId(),
  actor: { type: 'system', id: 'bench' },
};
/** About the size of a typical event. */
const data = { job: 'build', number: 42, executor: 'docker', image: 'cimg/node:20.11', labels: ['a', 'b'] };

export interface EventAppendResult {
  /** Milliseconds, one writer. */
  appendP50: number;
  appendP99: number;
  /** Milliseconds from the call of append to the subscription's handler, one writer. */
  deliveryP50: number;
  deliveryP99: number;
  /** Events per second, medians of the rounds. */
  storeRate: number;
  straightRate: number;
  /** storeRate / straightRate: the median of the ratios within each round. */
  ratio: number;
  /** Events per second. */
  readRate: number;
  subscriptionRate: number;
}

/** Runs the benchmark in a database of its own in the server of `url`, prints the figures and returns them. */
export async function benchEventAppend(url: string): Promise<EventAppendResult> {
  const name = `bench_${newId().replaceAll('-', '')}`;
  const admin = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await admin.connect();
  try {
    await admin.query(`CREATE DATABASE ${name}`);
    const own = new URL(url);
    own.pathname = `/${name}`;
    return await measure(own.href);
  } finally {
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await admin.end();
  }
}

async function measure(url: string): Promise<EventAppendResult> {
  const raw = await Promise.all(
    Array.from({ length: WRITERS }, async () => {
      const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
      await client.connect();
      return client;
    }),
  );
  await raw[0]!.query(eventStoreSchemaSql);
  const store = await PostgresEventStore.open({ url });
  try {
    print(
      `machine: ${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}`,
    );
    const single = await singleWriter(store);
    const rates = await writersInTurn(store, raw);
    const read = await readRate(store);
    const subscription = await subscriptionRate(store);
    return {
      ...single,
      ...rates,
      readRate: read,
      subscriptionRate: subscription,
    };
  } finally {
    await store.close();
    await Promise.all(raw.map((client) => client.end()));
  }
}

type Single = Pick<EventAppendResult, 'appendP50' | 'appendP99' | 'deliveryP50' | 'deliveryP99'>;

async function singleWriter(store: PostgresEventStore): Promise<Single> {
  const stream = `bench-${newId()}`;
  const delivered: number[] = [];
  const sent = new Map<string, number>();
  let arrived = (): void => undefined;
  const subscription = store.subscribe({
    from: await store.head(),
    handle: async (events) => {
      for (const event of events) delivered.push(performance.now() - sent.get(event.id)!);
      arrived();
    },
  });
  const appended: number[] = [];
  for (let i = 0; i < SINGLE_APPENDS; i++) {
    const id = newId();
    const here = new Promise<void>((resolve) => (arrived = resolve));
    const before = performance.now();
    sent.set(id, before);
    await store.append(stream, i === 0 ? 'none' : i - 1, [{ id, type: 'Measured', data }], metadata);
    appended.push(performance.now() - before);
    await here;
  }
  await subscription.stop();
  const result = {
    appendP50: quantile(appended, 0.5),
    appendP99: quantile(appended, 0.99),
    deliveryP50: quantile(delivered, 0.5),
    deliveryP99: quantile(delivered, 0.99),
  };
  print(`append, 1 writer: p50 ${ms(result.appendP50)}, p99 ${ms(result.appendP99)}`);
  print(`append to handler: p50 ${ms(result.deliveryP50)}, p99 ${ms(result.deliveryP99)}`);
  return result;
}

type Rates = Pick<EventAppendResult, 'storeRate' | 'straightRate' | 'ratio'>;

async function writersInTurn(store: PostgresEventStore, raw: pg.Client[]): Promise<Rates> {
  const throughStore = (): Promise<number> =>
    perSecond((stream, i) =>
      store.append(stream, i === 0 ? 'none' : i - 1, [{ type: 'Measured', data }], metadata),
    );
  const straight = (): Promise<number> =>
    perSecond((stream, i, writer) => raw[writer]!.query(rawInsert(stream, i, data)));
  await throughStore();
  await straight();
  const rounds: { store: number; straight: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // Whichever goes first in a round, half of the time it is the other one.
    if (round % 2 === 0) rounds.push({ store: await throughStore(), straight: await straight() });
    else {
      const first = await straight();
      rounds.push({ straight: first, store: await throughStore() });
    }
  }
  const result = {
    storeRate: quantile(
      rounds.map((round) => round.store),
      0.5,
    ),
    straightRate: quantile(
      rounds.map((round) => round.straight),
      0.5,
    ),
    ratio: quantile(
      rounds.map((round) => round.store / round.straight),
      0.5,
    ),
  };
  print(
    `append, ${WRITERS} writers: ${rate(result.storeRate)} through the store, ${rate(result.straightRate)} straight: ` +
      `${Math.round(result.ratio * 100)} % (medians of ${ROUNDS} rounds)`,
  );
  return result;
}

/** Events per second of `WRITERS` writers, each one after the other into a stream of its own, for `ROUND_MS`. */
async function perSecond(
  append: (stream: string, i: number, writer: number) => Promise<unknown>,
): Promise<number> {
  const start = performance.now();
  const counts = await Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      const stream = `bench-${newId()}`;
      let i = 0;
      for (; performance.now() - start < ROUND_MS; i++) await append(stream, i, writer);
      return i;
    }),
  );
  return (counts.reduce((sum, count) => sum + count, 0) * 1_000) / (performance.now() - start);
}

async function readRate(store: PostgresEventStore): Promise<number> {
  const start = performance.now();
  let count = 0;
  for (let from = LOG_START, atEnd = false; !atEnd;) {
    const page = await store.readAll(from);
    count += page.events.length;
    ({ next: from, atEnd } = page);
    if (performance.now() - start > READ_LIMIT_MS) break;
  }
  const result = (count * 1_000) / (performance.now() - start);
  print(`read the log page by page: ${rate(result)} (${count} events)`);
  return result;
}

async function subscriptionRate(store: PostgresEventStore): Promise<number> {
  const end = await store.head();
  const start = performance.now();
  let count = 0;
  await new Promise<void>((resolve, reject) => {
    const limit = setTimeout(
      () => reject(new Error('the subscription did not reach the end')),
      READ_LIMIT_MS,
    );
    const subscription = store.subscribe({
      from: LOG_START,
      handle: async (events, next) => {
        count += events.length;
        if (next < end) return;
        clearTimeout(limit);
        void subscription.stop().then(resolve);
      },
    });
  });
  const result = (count * 1_000) / (performance.now() - start);
  print(`subscription from the start: ${rate(result)} (${count} events)`);
  return result;
}

function quantile(values: number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

const ms = (value: number): string => `${value.toFixed(2)} ms`;
const rate = (value: number): string => `${Math.round(value)} events/s`;
const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(given: string | undefined): Promise<void> {
  if (given !== undefined) {
    await benchEventAppend(given);
    return;
  }
  const home = await mkdtemp(join(tmpdir(), 'rotunda-bench-'));
  await chmod(home, 0o711);
  const postgres = await startEmbeddedPostgres({ dataDirectory: join(home, 'database'), log: print });
  try {
    await benchEventAppend(postgres.url);
  } finally {
    await postgres.stop();
    await rm(home, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv[2]);
