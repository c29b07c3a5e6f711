// Helpers of the queue's tests: a read model of what waits, a recording handler, a Redis of one's own, a real process to kill.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import pg from 'pg';
import { makeLogger, type Logger } from '../telemetry/logger.js';
import type { WorkHandler, WorkItem } from './work-queue.port.js';

export interface TestBackend {
  databaseUrl: string;
  redisUrl?: string;
  /** Destroys everything that the queue has stored, as an operator's mistake would. */
  wipe(): Promise<void>;
  dispose(): Promise<void>;
}

/** Waits for a condition, looking every 10 ms; throws with `what` after `limitMs`. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 15_000,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Not within ${limitMs} ms: ${what}`);
    await pause(10);
  }
}

/** A logger whose lines can be looked at. */
export function recordedLogger(): { logger: Logger; text: () => string } {
  let text = '';
  const destination = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return { logger: makeLogger({ level: 'debug', format: 'json', destination }), text: () => text };
}

/** "Waiting until performed" as a table, as projections do it. */
export class WaitingTable {
  private constructor(private readonly pool: pg.Pool) {}

  static async make(databaseUrl: string): Promise<WaitingTable> {
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 4 });
    pool.on('error', () => undefined);
    await pool.query(
      'CREATE TABLE waiting_work (queue text COLLATE "C", key text COLLATE "C", PRIMARY KEY (queue, key))',
    );
    return new WaitingTable(pool);
  }

  async put(queue: string, keys: string[]): Promise<void> {
    await this.pool.query('INSERT INTO waiting_work SELECT $1, unnest($2::text[])', [queue, keys]);
  }

  async performed(queue: string, key: string): Promise<void> {
    await this.pool.query('DELETE FROM waiting_work WHERE queue = $1 AND key = $2', [queue, key]);
  }

  async left(queue: string): Promise<number> {
    const { rows } = await this.pool.query('SELECT count(*)::int AS n FROM waiting_work WHERE queue = $1', [
      queue,
    ]);
    return (rows[0] as { n: number }).n;
  }

  async page(queue: string, after: string | undefined, limit: number): Promise<WorkItem<Note>[]> {
    const { rows } = await this.pool.query<{ key: string }>(
      'SELECT key FROM waiting_work WHERE queue = $1 AND key > $2 ORDER BY key LIMIT $3',
      [queue, after ?? '', limit],
    );
    return rows.map(({ key }) => ({ key, payload: { note: key } }));
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}

export interface Note {
  note: string;
}

/** Remembers its deliveries; what it does with one is given in `act`. */
export class RecordingHandler implements WorkHandler<Note> {
  readonly started: { note: string; at: number }[] = [];
  readonly done: string[] = [];
  readonly exhaustedWith: { note: string; message: string }[] = [];
  concurrency?: number;
  attempts?: number;
  timeoutMs?: number;
  running = 0;
  mostRunning = 0;
  waits: (after: string | undefined, limit: number) => Promise<WorkItem<Note>[]> = () => Promise.resolve([]);
  onExhausted: () => Promise<void> = () => Promise.resolve();

  constructor(
    readonly queue: string,
    private readonly act: (payload: Note, signal: AbortSignal) => Promise<void> = () => Promise.resolve(),
  ) {}

  async perform(payload: Note, signal: AbortSignal): Promise<void> {
    this.started.push({ note: payload.note, at: performance.now() });
    this.mostRunning = Math.max(this.mostRunning, ++this.running);
    try {
      await this.act(payload, signal);
      this.done.push(payload.note);
    } finally {
      this.running--;
    }
  }

  async exhausted(payload: Note, error: unknown): Promise<void> {
    this.exhaustedWith.push({ note: payload.note, message: (error as Error).message });
    await this.onExhausted();
  }

  waiting(after: string | undefined, limit: number): Promise<WorkItem<Note>[]> {
    return this.waits(after, limit);
  }
}

/** A gate: work waits at it until it is opened, or its signal is aborted. */
export class Gate {
  private opened!: () => void;
  private readonly open_ = new Promise<void>((resolve) => (this.opened = resolve));

  open(): void {
    this.opened();
  }

  pass(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    return Promise.race([this.open_, aborted]);
  }
}

/** Starts `redis-server` on a free port of the loopback, without persistence. Throws plainly when it is not installed. */
export async function startRedis(): Promise<{ url: string; flush(): Promise<void>; stop(): Promise<void> }> {
  const port = await freePort();
  const server = spawn('redis-server', ['--port', String(port), '--save', '', '--bind', '127.0.0.1'], {
    stdio: 'ignore',
  });
  const failed = new Promise<never>((_resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new Error(
          `redis-server could not be started (${error.message}): install Redis (apt-get install redis-server), ` +
            'these tests run against a real one',
        ),
      ),
    );
    server.once('exit', (code) => reject(new Error(`redis-server ended with exit code ${code}`)));
  });
  failed.catch(() => undefined);
  const client = new Redis({
    port,
    host: '127.0.0.1',
    maxRetriesPerRequest: null,
    disconnectTimeout: 200,
    retryStrategy: () => 50,
  });
  client.on('error', () => undefined);
  try {
    await Promise.race([client.ping(), failed]);
  } catch (error) {
    client.disconnect();
    throw error;
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    flush: async () => void (await client.flushall()),
    stop: async () => {
      client.disconnect();
      if (server.exitCode !== null || server.signalCode !== null) return;
      server.kill('SIGTERM');
      await once(server, 'exit');
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** A process that takes work from the queue `doomed` and never finishes it. Runs the built code; build first. */
export function spawnDoomedWorker(backend: TestBackend): { process: ChildProcess; output: () => string } {
  const built = fileURLToPath(
    new URL('../../../dist/src/platform/queue/doomed-worker.testing.js', import.meta.url),
  );
  const child = spawn(process.execPath, [built], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, QUEUE_DATABASE_URL: backend.databaseUrl, QUEUE_REDIS_URL: backend.redisUrl ?? '' },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { process: child, output: () => output };
}
