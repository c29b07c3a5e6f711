// For tests and the benchmark: the INSERT of an event sent straight to PostgreSQL, past the store.
import type { ClientBase, QueryConfig } from 'pg';
import { newId } from '../../ids/ids.js';

/** One event of a stream at a revision as one statement; `position` instead of the next one if given. */
export function rawInsert(stream: string, revision: number, data: unknown, position?: string): QueryConfig {
  const given = position === undefined ? ['', ''] : [', position', `, ${BigInt(position)}`];
  return {
    name: position === undefined ? 'raw_insert' : undefined,
    text: `
      INSERT INTO rotunda.events (tx, stream, category, revision, id, type, schema_version, data,
                                  correlation_id, causation_id, actor${given[0]})
      VALUES (pg_current_xact_id()::text::bigint + (SELECT tx_offset FROM rotunda.event_log_epoch),
              $1, $2, $3, $4, $5, $6, $7, $8, $9, $10${given[1]})
      RETURNING revision`,
    values: [
      stream,
      stream.split('-', 1)[0],
      revision,
      newId(),
      'Counted',
      1,
      JSON.stringify(data),
      'request-1',
      'command-1',
      '{"type":"system","id":"raw"}',
    ],
  };
}

/** Appends one event in whatever transaction the client has open. */
export async function rawAppend(
  client: ClientBase,
  stream: string,
  revision: number,
  data: unknown,
  position?: string,
): Promise<void> {
  await client.query(rawInsert(stream, revision, data, position));
}
