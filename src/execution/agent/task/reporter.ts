// Tells the server what happened, in order; what happens within a few milliseconds, or while a call is under way, goes in
// one call. The start and the end of a task are told at once.
import { setTimeout as sleep } from 'node:timers/promises';
import type { StepReport, TaskReport } from '../../protocol/index.js';

/** Steps that take less than this are told of once, when they have ended. Nobody sees the difference, the log does. */
const GATHER_MS = 15;

export class Reporter {
  private hurry = new AbortController();
  private pending: TaskReport | undefined;
  private sending: Promise<void> | undefined;
  private failure: unknown;

  /** @param send tries again by itself and throws only when there is no hope */
  constructor(private readonly send: (report: TaskReport) => Promise<void>) {}

  /** From here on the task is this agent's. */
  started(): void {
    this.add({ started: true, steps: [] });
  }

  step(step: StepReport): void {
    this.add({ steps: [step] });
  }

  finished(finished: NonNullable<TaskReport['finished']>): void {
    this.add({ steps: [], finished });
  }

  /** Waits until all that was reported so far is acknowledged. Throws what ended the sending. */
  async flush(): Promise<void> {
    while (this.sending !== undefined) {
      this.hurry.abort();
      await this.sending;
    }
    if (this.failure !== undefined) throw this.failure;
  }

  private add(report: TaskReport): void {
    const before = this.pending;
    this.pending = before ? { ...before, ...report, steps: [...before.steps, ...report.steps] } : report;
    if (report.started || report.finished) this.hurry.abort();
    this.sending ??= this.sendAll();
  }

  private async sendAll(): Promise<void> {
    try {
      while (this.pending !== undefined) {
        if (!this.pending.started && !this.pending.finished) {
          await sleep(GATHER_MS, undefined, { signal: this.hurry.signal }).catch(() => undefined);
        }
        this.hurry = new AbortController();
        const report = this.pending;
        this.pending = undefined;
        await this.send(report);
      }
    } catch (error) {
      this.failure = error;
    } finally {
      this.sending = undefined;
    }
  }
}
