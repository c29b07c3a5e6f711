// Trying again, for as long as the agent lives: a server that restarts makes no difference to a running job.
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../platform/errors/errors.js';
import { SourceError } from './http-client.js';

/** What the agent needs of a logger; pino fits. */
export interface Logger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** The server says that this agent has no business with the task any more (410): kill and forget. */
export class ClaimOverError extends Error {
  constructor(status: number) {
    super(`the server ended this claim (${status})`);
    this.name = 'ClaimOverError';
  }
}

/** The server understood and refused: the same call would be refused again. */
export class RefusedError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'RefusedError';
  }
}

const FIRST_PAUSE_MS = 50;
/** Short, since a restarted server has to hear of its tasks before their leases end. */
const LONGEST_PAUSE_MS = 2000;

/**
 * Calls `attempt` until it succeeds, or fails for a reason that stays (ClaimOverError, RefusedError, SourceError), or
 * the signal is aborted. Pauses double from 50 ms to 2 s, shortened at random so that a fleet does not march in step.
 */
export async function withRetry<T>(
  what: string,
  logger: Logger,
  signal: AbortSignal,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted || isFinal(error)) throw error;
      if (failures === 3 || failures % 60 === 59) {
        logger.warn(
          { what, failures: failures + 1, reason: messageOf(error) },
          'the server cannot be reached, trying on',
        );
      }
      await sleep(pauseOf(failures), undefined, { signal });
    }
  }
}

/** Milliseconds before the next attempt after `failures` + 1 failed ones. */
export function pauseOf(failures: number): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 10));
  return longest * (0.5 + Math.random() / 2);
}

function isFinal(error: unknown): boolean {
  return error instanceof ClaimOverError || error instanceof RefusedError || error instanceof SourceError;
}
