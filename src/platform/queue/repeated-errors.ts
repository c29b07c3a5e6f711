// Logging for errors that come in floods: a store that is down fails every worker several times a second.
import { messageOf } from '../errors/errors.js';
import type { Logger } from '../telemetry/logger.js';

const QUIET_MS = 10_000;
const MOST_MESSAGES = 100;

/** Logs each message at most once in 10 s, with how often it was left out before. */
export class RepeatedErrors {
  private readonly seen = new Map<string, { loggedAt: number; leftOut: number }>();

  constructor(
    private readonly logger: Pick<Logger, 'warn'>,
    private readonly now: () => number = Date.now,
  ) {}

  /** Only the message and the code are logged: a database error's other fields can hold what was being written. */
  log(what: string, error: unknown): void {
    const message = `${what}: ${messageOf(error)}`;
    const before = this.seen.get(message);
    const now = this.now();
    if (before && now - before.loggedAt < QUIET_MS) {
      before.leftOut++;
      return;
    }
    if (this.seen.size >= MOST_MESSAGES) this.seen.clear();
    this.seen.set(message, { loggedAt: now, leftOut: 0 });
    this.logger.warn({ code: codeOf(error), leftOut: before?.leftOut || undefined }, message);
  }
}

/** The SQLSTATE or system code of an error, if it has one. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined | null)?.code;
  return typeof code === 'string' ? code : undefined;
}
