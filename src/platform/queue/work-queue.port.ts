// The work queue port (DESIGN D6, D7): queues deliver, they do not remember. What a piece of work came to is an event.

/**
 * One piece of work. `key` is what it works on: adding the same key again while it waits or runs adds nothing.
 *
 * A key therefore names something that is needed once (a pipeline to compile, a task's report to parse). Work that can
 * be needed again while it runs (it has read its state already, then the state changes) must say so in its key, e.g.
 * `<id>@<revision>`: an add that meets the running one is dropped, and only the reconciler would notice, up to 30 s later.
 */
export interface WorkItem<Payload = unknown> {
  /** Any text, at most a few hundred characters; not secret, it stands in logs. */
  key: string;
  /** JSON; kept in the queue's own store, so it names secrets by reference and never holds them. */
  payload: Payload;
}

export interface WorkHandler<Payload = unknown> {
  /** The queue's name, e.g. `compile`: lower-case letters, digits and dashes. */
  readonly queue: string;
  /** How many may run at once in this process (default 2). */
  readonly concurrency?: number;
  /** How many times in all it is tried before `exhausted` (default 5), with exponential back-off from 200 ms. */
  readonly attempts?: number;
  /**
   * Most milliseconds for one try (default 300,000); the signal is aborted then and the try counts as failed.
   * A try that does not heed the signal goes on beside the next one, so heed it.
   */
  readonly timeoutMs?: number;
  /**
   * Must be idempotent: delivered at least once. Throwing means "try again later"; the error's message is logged and
   * kept beside the work, so it holds no secrets.
   */
  perform(payload: Payload, signal: AbortSignal): Promise<void>;
  /**
   * The last try failed: record that as an event. Called again, with growing pauses, until it returns, within
   * `timeoutMs` each time.
   */
  exhausted(payload: Payload, error: unknown): Promise<void>;
  /**
   * What the read model says is waiting for this queue, in the order of the keys, beginning after the key `after`:
   * the reconciler adds what is missing. Fewer than `limit` items mean that there are no more.
   */
  waiting(after: string | undefined, limit: number): Promise<WorkItem<Payload>[]>;
}

export interface WorkQueue {
  /**
   * Adds work; keyed, so adding twice is one. Returns when the queue has it, within 10 s.
   * Throws when the queue's store does not answer: the caller tries again, or leaves it to the reconciler.
   */
  add<Payload>(queue: string, item: WorkItem<Payload>): Promise<void>;
}
