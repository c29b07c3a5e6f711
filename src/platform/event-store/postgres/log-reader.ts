// Reading: streams, pages of the log and its end. Only what can no longer change its place is given out (schema.ts).
import type { Pool } from 'pg';
import type { Actor, EventFilter, LogPage, LogPosition, RecordedEvent } from '../event-store.port.js';
import { LOG_START } from '../event-store.port.js';
import type { Upcasters } from '../upcasters.js';
import { fromLogPosition, toLogPosition } from './log-position.js';

/** A filtered page looks at this many events at most. */
const WINDOW = 10_000;
/** Events of this transaction on may still get company before them. */
const HORIZON = `(SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + tx_offset FROM rotunda.event_log_epoch)`;
const COLUMNS = `tx, position, stream, revision, id, type, schema_version, data, correlation_id, causation_id, actor, time`;

interface Row {
  tx: string;
  position: string;
  stream: string;
  revision: number;
  id: string;
  type: string;
  schema_version: number;
  data: unknown;
  correlation_id: string;
  causation_id: string;
  actor: Actor;
  time: Date;
}

/**
 * Are there events that are not readable yet? The newest one tells: asked whether there is any beyond the horizon, the
 * planner expects many and looks through the whole log for the first.
 */
const PENDING = `coalesce((SELECT tx FROM rotunda.events ORDER BY tx DESC, position DESC LIMIT 1) >= ${HORIZON}, false)`;

/** A page without filter, and whether events are known that are not readable yet. */
export interface TailPage extends LogPage {
  pending: boolean;
}

export class LogReader {
  constructor(
    private readonly streams: Pool,
    private readonly log: Pool,
    private readonly upcasters: Upcasters,
  ) {}

  /** See EventStore.readStream. */
  async readStream(stream: string, fromRevision = 0, limit?: number): Promise<RecordedEvent[]> {
    const { rows } = await this.streams.query<Row>({
      name: 'rotunda_read_stream',
      text: `SELECT ${COLUMNS} FROM rotunda.events WHERE stream = $1 AND revision >= $2 ORDER BY revision LIMIT $3`,
      values: [stream, fromRevision, limit ?? null],
    });
    return rows.map((row) => this.toEvent(row));
  }

  /** See EventStore.readAll. */
  async readAll(from: LogPosition, filter: EventFilter | undefined, limit: number): Promise<LogPage> {
    if (filter?.types === undefined && filter?.categories === undefined) {
      const { events, next, atEnd } = await this.readTail(from, limit);
      return { events, next, atEnd };
    }
    const start = fromLogPosition(from);
    // First how far to look. Up to there nothing changes any more, so the second statement needs no shared snapshot.
    const window = await this.log.query<{ tx: string; position: string; size: number }>({
      name: 'rotunda_window',
      text: `SELECT tx, position, count(*) OVER ()::integer AS size FROM (
               SELECT tx, position FROM rotunda.events
               WHERE (tx, position) > ($1::bigint, $2::bigint) AND tx < ${HORIZON}
               ORDER BY tx, position LIMIT ${WINDOW}) seen
             ORDER BY tx DESC, position DESC LIMIT 1`,
      values: start,
    });
    const last = window.rows[0];
    if (!last) return { events: [], next: from, atEnd: true };
    const { rows } = await this.log.query<Row>(
      `SELECT ${COLUMNS} FROM rotunda.events
       WHERE (tx, position) > ($1::bigint, $2::bigint) AND (tx, position) <= ($3::bigint, $4::bigint)
         AND ($5::text[] IS NULL OR type = ANY($5)) AND ($6::text[] IS NULL OR category = ANY($6))
       ORDER BY tx, position LIMIT ${whole(limit)}`,
      [...start, last.tx, last.position, filter.types ?? null, filter.categories ?? null],
    );
    const events = rows.map((row) => this.toEvent(row));
    const end = toLogPosition(last.tx, last.position);
    const next = events.length < limit ? end : events.at(-1)!.position;
    return { events, next, atEnd: next === end && last.size < WINDOW };
  }

  /** One page of the whole log behind `from`. */
  async readTail(from: LogPosition, limit: number): Promise<TailPage> {
    const size = whole(limit);
    const { rows } = await this.log.query<Row & { pending: boolean }>({
      name: `rotunda_tail_${size}`,
      text: `SELECT known.pending, e.*
             FROM (SELECT ${PENDING} AS pending) known
             LEFT JOIN LATERAL (
               SELECT ${COLUMNS} FROM rotunda.events
               WHERE (tx, position) > ($1::bigint, $2::bigint) AND tx < ${HORIZON}
               ORDER BY tx, position LIMIT ${size + 1}) e ON true
             ORDER BY e.tx, e.position`,
      values: fromLogPosition(from),
    });
    const { pending, tx } = rows[0]!;
    if (tx === null) return { events: [], next: from, atEnd: true, pending };
    const events = rows.slice(0, size).map((row) => this.toEvent(row));
    return { events, next: events.at(-1)!.position, atEnd: rows.length <= size, pending };
  }

  /** See EventStore.head. */
  async head(): Promise<LogPosition> {
    const { rows } = await this.log.query<{ tx: string; position: string }>(
      `SELECT tx, position FROM rotunda.events WHERE tx < ${HORIZON} ORDER BY tx DESC, position DESC LIMIT 1`,
    );
    return rows[0] ? toLogPosition(rows[0].tx, rows[0].position) : LOG_START;
  }

  private toEvent(row: Row): RecordedEvent {
    const { schemaVersion, data } = this.upcasters.apply(row.type, row.schema_version, row.data);
    return {
      id: row.id,
      type: row.type,
      schemaVersion,
      stream: row.stream,
      revision: row.revision,
      position: toLogPosition(row.tx, row.position),
      data,
      metadata: { correlationId: row.correlation_id, causationId: row.causation_id, actor: row.actor },
      time: row.time,
    };
  }
}

/** Does the filter let the event through? The same rule as the SQL in readAll. */
export function matches(filter: EventFilter | undefined, event: RecordedEvent): boolean {
  if (filter?.types && !filter.types.includes(event.type)) return false;
  return !filter?.categories || filter.categories.includes(event.stream.split('-', 1)[0]!);
}

function whole(limit: number): number {
  if (!Number.isInteger(limit) || limit < 1)
    throw new RangeError(`a page has at least one event, not ${limit}`);
  return limit;
}
