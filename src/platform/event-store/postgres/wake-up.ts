// Tells other processes that something was appended, and hears it from them.
// A NOTIFY inside each append would take PostgreSQL's one lock for notifications over every commit's flush and so undo
// group commit. It is sent apart instead, one for many appends, and only when there is another process at all: even so
// it takes about a tenth of the appends of 8 writers. A lost one costs a second (the tail also polls).
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

const CHANNEL = 'rotunda_events';
const SEND_EVERY_MS = 2;
const RECONNECT_LIMIT_MS = 5_000;

export class WakeUp {
  private readonly self = randomUUID();
  /** Another process was heard: from then on it is told of appends. */
  private others = false;
  private unsent = false;
  private sending: Promise<void> | undefined;
  private listener: pg.Client | undefined;
  private listening: Promise<void> = Promise.resolve();
  private readonly closing = new AbortController();

  constructor(
    private readonly pool: pg.Pool,
    private readonly config: pg.ClientConfig,
    private readonly onWake: () => void,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Resolves when it hears the others. Throws when the first connection fails; later ones are tried again and again. */
  async start(): Promise<void> {
    this.listening = this.listen(await this.connect());
  }

  /** Something was appended. Costs nothing while no other process has been heard. */
  send(): void {
    if (!this.others) return;
    this.unsent = true;
    this.sending ??= this.sendAll();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.sending;
    await this.listener?.end().catch(() => undefined);
    await this.listening;
  }

  private async sendAll(): Promise<void> {
    while (this.unsent) {
      this.unsent = false;
      await this.pool
        .query({ name: 'rotunda_wake', text: `SELECT pg_notify('${CHANNEL}', $1)`, values: [this.self] })
        .catch(this.onError);
      await pause(SEND_EVERY_MS, undefined, { signal: this.closing.signal }).catch(() => undefined);
    }
    this.sending = undefined;
  }

  private hear(from: string | undefined): void {
    if (from === this.self) return;
    if (!this.others) {
      this.others = true;
      // The answer to its first call; and it may have missed what was appended before it was known.
      this.send();
    }
    this.onWake();
  }

  private async connect(): Promise<{ ended: Promise<void> }> {
    const client = new pg.Client(this.config);
    const ended = new Promise<void>((resolve) => {
      client.once('end', resolve);
      client.on('error', (error) => {
        if (!this.closing.signal.aborted) this.onError(error);
        resolve();
      });
    });
    client.on('notification', ({ payload }) => this.hear(payload));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      // Every process that hears this answers, so both know that there is somebody to tell.
      await client.query(`SELECT pg_notify('${CHANNEL}', $1)`, [this.self]);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    this.listener = client;
    return { ended };
  }

  private async listen(first: { ended: Promise<void> }): Promise<void> {
    await first.ended;
    for (let wait = 50; !this.closing.signal.aborted; wait = Math.min(wait * 2, RECONNECT_LIMIT_MS)) {
      await this.listener?.end().catch(() => undefined);
      await pause(wait, undefined, { signal: this.closing.signal }).catch(() => undefined);
      if (this.closing.signal.aborted) return;
      try {
        const { ended } = await this.connect();
        // What was sent meanwhile was not heard.
        this.onWake();
        wait = 25;
        if (this.closing.signal.aborted) await this.listener?.end().catch(() => undefined);
        await ended;
      } catch (error) {
        this.onError(error);
      }
    }
  }
}
