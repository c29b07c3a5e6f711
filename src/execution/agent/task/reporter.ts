// Tells the server what happened, in order and at once; what piles up while a call is under way goes in one call.
import type { StepReport, TaskReport } from '../../protocol/index.js';

export class Reporter {
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
    while (this.sending !== undefined) await this.sending;
    if (this.failure !== undefined) throw this.failure;
  }

  private add(report: TaskReport): void {
    const before = this.pending;
    this.pending = before ? { ...before, ...report, steps: [...before.steps, ...report.steps] } : report;
    this.sending ??= this.sendAll();
  }

  private async sendAll(): Promise<void> {
    try {
      while (this.pending !== undefined) {
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
