// The two kinds of followers of the log (DESIGN D4, D5).
import type { RowWriter } from '../database/rows.js';
import type { RecordedEvent } from '../event-store/event-store.port.js';

/** Writes read models. Its tables and its checkpoint change in one transaction. */
export interface Projection {
  readonly name: string;
  /** The tables it owns, in an order in which they can be made; a rebuild makes them anew. */
  readonly tables: readonly string[];
  readonly eventTypes: readonly string[];
  /**
   * Pure of anything but the database given: events come in log order, each exactly once. It may only write: statements
   * are sent in their order, all at once, and answer nothing.
   */
  project(events: readonly RecordedEvent[], db: RowWriter): Promise<void>;
}

/** Causes side effects: commands, queued work. Must be idempotent, since it is delivered at least once. */
export interface ProcessManager {
  readonly name: string;
  readonly eventTypes: readonly string[];
  react(event: RecordedEvent): Promise<void>;
}

/** Told in this process after a projection has committed events, e.g. to wake who waits for a task. */
export type ProjectedListener = (projection: string, events: readonly RecordedEvent[]) => void;
