// One subscription: reads pages by itself while it is behind, and joins the shared tail when it has caught up.
import { setTimeout as pause } from 'node:timers/promises';
import type {
  LogPage,
  LogPosition,
  RecordedEvent,
  Subscription,
  SubscriptionOptions,
} from '../event-store.port.js';
import { matches } from './log-reader.js';
import type { LogTail, TailMember } from './log-tail.js';

const BATCH = 500;
/** When this many events wait for a slow handler it leaves the tail and reads them again by itself. */
const WAITING_LIMIT = 2_000;
const RETRY_FIRST_MS = 100;
const RETRY_LIMIT_MS = 5_000;

type ReadPage = (from: LogPosition, limit: number) => Promise<LogPage>;

export class LogSubscription implements Subscription, TailMember {
  position: LogPosition;
  private readonly batchSize: number;
  private readonly ending = new AbortController();
  private readonly ended: Promise<void>;
  private following = false;
  private waiting: RecordedEvent[] = [];
  /** Everything up to here is handled or waits. */
  private seen: LogPosition;
  private arrived: () => void = () => undefined;

  constructor(
    private readonly options: SubscriptionOptions,
    private readonly read: ReadPage,
    private readonly tail: LogTail,
    private readonly onStopped: () => void,
  ) {
    this.position = this.seen = options.from;
    this.batchSize = options.batchSize ?? BATCH;
    if (!Number.isInteger(this.batchSize) || this.batchSize < 1) {
      throw new RangeError(`a batch has at least one event, not ${this.batchSize}`);
    }
    this.ended = this.run();
  }

  async stop(): Promise<void> {
    this.ending.abort();
    this.tail.leave(this);
    this.arrived();
    await this.ended;
    this.onStopped();
  }

  push(events: RecordedEvent[], next: LogPosition): void {
    if (!this.following || next <= this.seen) return;
    for (const event of events) {
      if (event.position > this.seen && matches(this.options.filter, event)) this.waiting.push(event);
    }
    this.seen = next;
    if (this.waiting.length > WAITING_LIMIT) this.fallBehind();
    this.arrived();
  }

  private fallBehind(): void {
    this.tail.leave(this);
    this.following = false;
    this.waiting = [];
  }

  private async run(): Promise<void> {
    while (!this.ending.signal.aborted) {
      if (!this.following) await this.catchUp();
      else if (this.waiting.length === 0) await this.waitForMore();
      else
        await this.deliver(this.waiting.splice(0, this.batchSize), () =>
          this.waiting.length > 0 ? undefined : this.seen,
        );
    }
  }

  private async catchUp(): Promise<void> {
    const page = await this.retry(() => this.read(this.position, this.batchSize));
    // Stopped meanwhile, it has left the tail for good: nothing would take it out again.
    if (!page || this.ending.signal.aborted) return;
    if (page.atEnd) {
      this.seen = page.next;
      // Before `join`, which pushes.
      this.following = true;
      this.following = this.tail.join(this, page.next) && this.following;
    }
    if (page.events.length > 0) await this.deliver(page.events, () => page.next);
    else this.position = page.next;
  }

  private async waitForMore(): Promise<void> {
    this.position = this.seen;
    await new Promise<void>((resolve) => {
      this.arrived = resolve;
      if (this.waiting.length > 0 || this.ending.signal.aborted) resolve();
    });
  }

  /** Hands over one batch until it is taken. `end` is the place behind it when nothing of it waits any more. */
  private async deliver(events: RecordedEvent[], end: () => LogPosition | undefined): Promise<void> {
    const next = end() ?? events.at(-1)!.position;
    const done = await this.retry(async () => {
      await this.options.handle(events, next);
      return true;
    });
    if (done) this.position = next;
  }

  /** Tries until it works, with growing pauses; undefined when the subscription is stopped before that. */
  private async retry<T>(work: () => Promise<T>): Promise<T | undefined> {
    for (let wait = RETRY_FIRST_MS; !this.ending.signal.aborted; wait = Math.min(wait * 2, RETRY_LIMIT_MS)) {
      try {
        return await work();
      } catch (error) {
        this.options.onError?.(error);
        await pause(wait, undefined, { signal: this.ending.signal }).catch(() => undefined);
      }
    }
    return undefined;
  }
}
