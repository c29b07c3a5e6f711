// Stops what was started, last first, each with a limit, so that one part that hangs does not keep the others running.
import { messageOf } from '../platform/errors/errors.js';
import type { Logger } from '../platform/telemetry/logger.js';

const LIMIT_MS = 30_000;

export class Undo {
  private readonly steps: { name: string; stop: () => Promise<unknown> }[] = [];
  private done: Promise<void> | undefined;

  constructor(private readonly logger: Logger) {}

  add(name: string, stop: () => Promise<unknown>): void {
    this.steps.push({ name, stop });
  }

  /** Runs every step once; the second call waits for the first. */
  all(): Promise<void> {
    this.done ??= this.run();
    return this.done;
  }

  private async run(): Promise<void> {
    for (const { name, stop } of this.steps.reverse()) {
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`took longer than ${LIMIT_MS / 1000} s`)), LIMIT_MS);
      });
      await Promise.race([stop(), limit])
        .catch((error: unknown) =>
          this.logger.warn({ part: name, reason: messageOf(error) }, 'a part did not stop cleanly'),
        )
        .finally(() => clearTimeout(timer));
    }
  }
}
