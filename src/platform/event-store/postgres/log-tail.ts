// The end of the log, read once for all subscriptions of this process that are there.
import { setTimeout as pause } from 'node:timers/promises';
import { LOG_START, type LogPosition, type RecordedEvent } from '../event-store.port.js';
import type { TailPage } from './log-reader.js';

const PAGE = 1_000;
/** This many of the newest events are kept, for subscriptions that arrive a little late. */
const RECENT = 1_000;
const PENDING_LIMIT_MS = 20;
const ERROR_LIMIT_MS = 5_000;

/** A subscription at the end of the log. */
export interface TailMember {
  /** The events behind the last ones it got, in order, and the place behind them. */
  push(events: RecordedEvent[], next: LogPosition): void;
}

export class LogTail {
  private readonly members = new Set<TailMember>();
  private cursor: LogPosition = LOG_START;
  private recent: RecordedEvent[] = [];
  /** `recent` holds everything between here and the cursor. */
  private recentFrom: LogPosition = LOG_START;
  /** Grows when the cursor jumps, so that a page read before that is dropped. */
  private generation = 0;
  private wanted = false;
  private running = false;
  private poll: NodeJS.Timeout | undefined;

  constructor(
    private readonly read: (from: LogPosition, limit: number) => Promise<TailPage>,
    private readonly pollMs: number,
    private readonly onError: (error: unknown) => void,
  ) {}

  /**
   * Takes in a subscription that has read the log up to `at`; false when that is too far back. The member gets what is
   * behind `at`, and may get again what is before it.
   */
  join(member: TailMember, at: LogPosition): boolean {
    if (this.members.size === 0) {
      this.generation++;
      this.cursor = this.recentFrom = at;
      this.recent = [];
      this.poll = setInterval(() => this.wake(), this.pollMs);
    }
    if (at < this.recentFrom) return false;
    this.members.add(member);
    if (at < this.cursor) member.push(this.recent, this.cursor);
    this.wake();
    return true;
  }

  leave(member: TailMember): void {
    this.members.delete(member);
    if (this.members.size > 0) return;
    clearInterval(this.poll);
    this.recent = [];
  }

  /** There may be something new. */
  wake(): void {
    this.wanted = true;
    if (!this.running && this.members.size > 0) void this.run();
  }

  private async run(): Promise<void> {
    this.running = true;
    let fruitless = 0;
    let failures = 0;
    while (this.wanted && this.members.size > 0) {
      this.wanted = false;
      const generation = this.generation;
      try {
        const page = await this.read(this.cursor, PAGE);
        failures = 0;
        if (generation !== this.generation) {
          this.wanted = true;
          continue;
        }
        this.advance(page);
        if (!page.atEnd) this.wanted = true;
        else if (page.pending) {
          // Committed, but a transaction with a lower id is still open: it ends in a moment, or it is a long one.
          this.wanted = true;
          fruitless = page.events.length > 0 ? 0 : fruitless + 1;
          await pause(Math.min(2 ** Math.max(fruitless - 1, 0), PENDING_LIMIT_MS));
        } else if (this.wanted) {
          // Under load: a little later there is more to fetch at once.
          fruitless = 0;
          await pause(1);
        }
      } catch (error) {
        this.onError(error);
        this.wanted = true;
        await pause(Math.min(50 * 2 ** failures++, ERROR_LIMIT_MS));
      }
    }
    this.running = false;
  }

  private advance({ events, next }: TailPage): void {
    if (events.length === 0) return;
    this.cursor = next;
    this.recent = this.recent.concat(events);
    if (this.recent.length > 2 * RECENT) {
      const dropped = this.recent.splice(0, this.recent.length - RECENT);
      this.recentFrom = dropped.at(-1)!.position;
    }
    for (const member of [...this.members]) member.push(events, next);
  }
}
