// The reconciler (DESIGN D6): compares what the read models say is waiting with what is queued, and adds what is missing.
import type { Logger } from '../telemetry/logger.js';
import { withLimit } from './limits.js';
import { RepeatedErrors } from './repeated-errors.js';
import type { WorkHandler, WorkItem } from './work-queue.port.js';

const PAGE = 500;
const PAGE_LIMIT_MS = 60_000;
const RETRY_MS = 2_000;

export interface ReconcilerOptions {
  handlers: () => readonly WorkHandler[];
  /** Makes the store ready if someone dropped it. */
  repair: () => Promise<void>;
  /** Adds those of the items that the queue does not hold. Returns how many. */
  fill: (queue: string, items: WorkItem[]) => Promise<number>;
  logger: Pick<Logger, 'info' | 'warn'>;
  /** Milliseconds from the end of one pass to the begin of the next. */
  intervalMs: number;
}

export class Reconciler {
  private readonly errors: RepeatedErrors;
  private timer: NodeJS.Timeout | undefined;
  private pass: Promise<void> | undefined;
  private next: Promise<void> | undefined;
  private started = false;

  constructor(private readonly options: ReconcilerOptions) {
    this.errors = new RepeatedErrors(options.logger);
  }

  /** Makes the first pass and goes on until `stop`. Errors are logged and the pass repeated, so it does not reject. */
  start(): Promise<void> {
    this.started = true;
    return this.reconcileNow();
  }

  /** Returns when a running pass has ended (it stops at its next page). */
  async stop(): Promise<void> {
    this.started = false;
    clearTimeout(this.timer);
    await this.pass;
  }

  /** A pass that begins after this call: passes never overlap, so a running one is followed by another. */
  reconcileNow(): Promise<void> {
    if (this.next) return this.next;
    if (!this.pass) return this.begin();
    this.next = this.pass.then(() => {
      this.next = undefined;
      return this.begin();
    });
    return this.next;
  }

  private begin(): Promise<void> {
    if (!this.started) return Promise.resolve();
    clearTimeout(this.timer);
    this.pass = this.passOnce().then((complete) => {
      this.pass = undefined;
      if (!this.started) return;
      const waitMs = complete ? this.options.intervalMs : Math.min(RETRY_MS, this.options.intervalMs);
      this.timer = setTimeout(() => void this.reconcileNow(), waitMs);
    });
    return this.pass;
  }

  /** True when every queue was compared to the end. */
  private async passOnce(): Promise<boolean> {
    try {
      await withLimit('Repairing the queue', PAGE_LIMIT_MS, this.options.repair());
    } catch (error) {
      this.errors.log('The queue could not be repaired', error);
      return false;
    }
    let complete = true;
    // One after another: a pass is never urgent enough to compete with the work itself.
    for (const handler of this.options.handlers()) {
      try {
        await this.reconcileQueue(handler);
      } catch (error) {
        complete = false;
        this.errors.log(`Queue ${handler.queue} could not be reconciled`, error);
      }
    }
    return complete;
  }

  private async reconcileQueue(handler: WorkHandler): Promise<void> {
    const { queue } = handler;
    let after: string | undefined;
    let added = 0;
    while (this.started) {
      const page = await withLimit(
        `Reading what waits for ${queue}`,
        PAGE_LIMIT_MS,
        handler.waiting(after, PAGE),
      );
      if (page.length > 0)
        added += await withLimit(`Adding to ${queue}`, PAGE_LIMIT_MS, this.options.fill(queue, page));
      const last = page.at(-1)?.key;
      if (page.length < PAGE || last === after) break;
      after = last;
    }
    if (added > 0) this.options.logger.info({ queue, added }, 'The reconciler added missing work');
  }
}
