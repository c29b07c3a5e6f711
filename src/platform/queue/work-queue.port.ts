// The work queue port (DESIGN D6, D7): queues deliver, they do not remember. What a piece of work came to is an event.

/** One piece of work. `key` is what it works on: adding the same key again while it waits or runs adds nothing. */
export interface WorkItem<Payload = unknown> {
  key: string;
  payload: Payload;
}

export interface WorkHandler<Payload = unknown> {
  /** The queue's name, e.g. `compile`. */
  readonly queue: string;
  /** How many may run at once in this process (default 2). */
  readonly concurrency?: number;
  /** How many times in all it is tried before `exhausted` (default 5), with exponential back-off from 200 ms. */
  readonly attempts?: number;
  /** Most milliseconds for one try (default 300,000); the signal is aborted then and the try counts as failed. */
  readonly timeoutMs?: number;
  /** Must be idempotent: delivered at least once. Throwing means "try again later". */
  perform(payload: Payload, signal: AbortSignal): Promise<void>;
  /** The last try failed: record that as an event. */
  exhausted(payload: Payload, error: unknown): Promise<void>;
  /** What the read model says is waiting for this queue, paged: the reconciler adds what is missing. */
  waiting(after: string | undefined, limit: number): Promise<WorkItem<Payload>[]>;
}

export interface WorkQueue {
  /** Adds work; keyed, so adding twice is one. */
  add<Payload>(queue: string, item: WorkItem<Payload>): Promise<void>;
}
