// The event store port (DESIGN "Event store contract"). Adapters are checked by event-store.contract.ts.

/**
 * A place in the whole log. Opaque to callers, fixed width, so that comparing two as strings compares their order.
 * It never names a place before which an event can still appear.
 */
export type LogPosition = string;

/** The place before the first event. */
export const LOG_START: LogPosition = '';

/** Who caused an event: a user, an agent or the system itself. */
export interface Actor {
  type: 'user' | 'agent' | 'system';
  id: string;
  login?: string;
}

export interface EventMetadata {
  /** The id of the request or trigger that everything in this chain follows from. */
  correlationId: string;
  /** The id of the event or command that caused this one directly. */
  causationId: string;
  actor: Actor;
}

/** An event to append. Without `id` the store makes a UUIDv7; without `schemaVersion` it is 1. */
export interface NewEvent<Type extends string = string, Data = unknown> {
  id?: string;
  type: Type;
  schemaVersion?: number;
  data: Data;
}

export interface RecordedEvent<Type extends string = string, Data = unknown> {
  id: string;
  type: Type;
  schemaVersion: number;
  stream: string;
  /** 0 for the first event of the stream. */
  revision: number;
  position: LogPosition;
  data: Data;
  metadata: EventMetadata;
  /** When it was appended, by the store's clock. */
  time: Date;
}

/** `none`: the stream must not exist; `any`: no check; a number: the revision of the stream's last event. */
export type ExpectedRevision = number | 'none' | 'any';

export interface AppendResult {
  /** The revision of the last event of this append (also when it had been appended before). */
  revision: number;
  /** The place of that last event: a reader that has got there has seen this append. */
  position: LogPosition;
  /** True when every event was already there: the ids were seen before and nothing was written. */
  repeated: boolean;
}

/** What a reader of the log wants to see. Without `types` and `categories`: everything. */
export interface EventFilter {
  types?: readonly string[];
  /** The part of a stream's name before the first `-`, e.g. `pipeline`. */
  categories?: readonly string[];
}

export interface LogPage {
  events: RecordedEvent[];
  /** Where to read on: behind the last event looked at, also when the filter dropped it. */
  next: LogPosition;
  /** True when nothing that is readable now lies behind `next`. */
  atEnd: boolean;
}

export interface SubscriptionOptions {
  /** Read on behind this place. */
  from: LogPosition;
  filter?: EventFilter;
  /** At most this many events are handed over at once (default 500). */
  batchSize?: number;
  /**
   * Gets events in log order, never two calls at once. `next` is the checkpoint that covers them. When it throws, the
   * same batch is handed over again after a pause that grows to 5 s; the log never moves past a batch that failed.
   */
  handle(events: RecordedEvent[], next: LogPosition): Promise<void>;
  /** Told of every failed call, before the pause. */
  onError?(error: unknown): void;
}

export interface Subscription {
  /** Ends after the batch in hand, if any, is handled. */
  stop(): Promise<void>;
  /** The place behind the last handled batch. */
  readonly position: LogPosition;
}

export interface EventStore {
  /**
   * Appends all or none. Throws WrongExpectedRevisionError when the stream is elsewhere. Idempotent by event id: when
   * the first event's id is already in this stream, nothing is written and the earlier result is returned.
   */
  append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
    metadata: EventMetadata,
  ): Promise<AppendResult>;

  /** Events of one stream in order from `fromRevision` on (default 0), at most `limit` (default: all). */
  readStream(stream: string, fromRevision?: number, limit?: number): Promise<RecordedEvent[]>;

  /** One page of the whole log behind `from`, at most `limit` events (default 500). */
  readAll(from: LogPosition, filter?: EventFilter, limit?: number): Promise<LogPage>;

  /** Follows the log. Wakes at once on appends of this process and of others. */
  subscribe(options: SubscriptionOptions): Subscription;

  /** The place behind the last event that is readable now. */
  head(): Promise<LogPosition>;

  /** Stops every subscription and frees the connections. */
  close(): Promise<void>;
}

/** The stream is not where the writer thought: somebody else appended first. Re-read, re-decide, try again. */
export class WrongExpectedRevisionError extends Error {
  constructor(
    readonly stream: string,
    readonly expected: ExpectedRevision,
    readonly actual: number | 'none',
  ) {
    super(`stream ${stream} is at revision ${actual}, expected ${expected}`);
    this.name = 'WrongExpectedRevisionError';
  }
}
