// The output index in PostgreSQL. One statement per call, so that any pool will do and no transaction is held.
import type { OutputIndex, OutputSegment } from './output-index.port.js';

/** For the migration. */
export const OUTPUT_SEGMENT_TABLE = `
CREATE TABLE IF NOT EXISTS rotunda.output_segment (
  task_id  uuid    NOT NULL,
  step     integer NOT NULL,
  start    bigint  NOT NULL CHECK (start >= 0),
  length   integer NOT NULL CHECK (length > 0),
  blob_key text    NOT NULL,
  PRIMARY KEY (task_id, step, start)
)`;

/** The part of a `pg` pool or client that is needed here. */
export interface SqlRunner {
  query(sql: string, params: unknown[]): Promise<{ rows: unknown[] }>;
}

// Looking one row back from the offset instead of testing start + length keeps it a plain index scan.
const SEGMENTS = `
SELECT start, length, blob_key FROM rotunda.output_segment
 WHERE task_id = $1 AND step = $2
   AND start >= coalesce((SELECT max(start) FROM rotunda.output_segment
                           WHERE task_id = $1 AND step = $2 AND start <= $3), 0)
   AND start + length > $3
 ORDER BY start LIMIT 1000`;

const END = `
SELECT start + length AS "end" FROM rotunda.output_segment
 WHERE task_id = $1 AND step = $2 ORDER BY start DESC LIMIT 1`;

// Of two that start at the same place, the primary key lets one in.
const ADD = `
INSERT INTO rotunda.output_segment (task_id, step, start, length, blob_key)
SELECT $1, $2, $3, $4, $5
 WHERE coalesce((SELECT start + length FROM rotunda.output_segment
                  WHERE task_id = $1 AND step = $2 ORDER BY start DESC LIMIT 1), 0) = $3::bigint
ON CONFLICT DO NOTHING
RETURNING start`;

// The first row becomes the merged segment, the others go. The locked rows are counted before anything is changed: a
// second sealer waits at the lock, then finds rows gone or with another key, and changes nothing.
const REPLACE = `
WITH held AS (
  SELECT start FROM rotunda.output_segment
   WHERE task_id = $1 AND step = $2 AND blob_key = ANY ($3::text[]) ORDER BY start FOR UPDATE
), complete AS (
  SELECT count(*) = cardinality($3::text[]) AS yes FROM held
), gone AS (
  DELETE FROM rotunda.output_segment s USING complete
   WHERE complete.yes AND s.task_id = $1 AND s.step = $2 AND s.blob_key = ANY ($3::text[]) AND s.start <> $4
)
UPDATE rotunda.output_segment s SET length = $5, blob_key = $6 FROM complete
 WHERE complete.yes AND s.task_id = $1 AND s.step = $2 AND s.start = $4
RETURNING s.start`;

export class PostgresOutputIndex implements OutputIndex {
  constructor(private readonly sql: SqlRunner) {}

  async segments(taskId: string, step: number, from = 0): Promise<OutputSegment[]> {
    // PostgreSQL's bigint comes as text.
    const { rows } = await this.sql.query(SEGMENTS, [taskId, step, from]);
    return (rows as { start: string; length: number; blob_key: string }[]).map((row) => ({
      start: Number(row.start),
      length: row.length,
      blobKey: row.blob_key,
    }));
  }

  async end(taskId: string, step: number): Promise<number> {
    const { rows } = await this.sql.query(END, [taskId, step]);
    return Number((rows as { end: string }[])[0]?.end ?? 0);
  }

  async add(taskId: string, step: number, { start, length, blobKey }: OutputSegment): Promise<boolean> {
    return (await this.sql.query(ADD, [taskId, step, start, length, blobKey])).rows.length === 1;
  }

  async replace(taskId: string, step: number, old: OutputSegment[], merged: OutputSegment): Promise<boolean> {
    const keys = old.map((segment) => segment.blobKey);
    const params = [taskId, step, keys, merged.start, merged.length, merged.blobKey];
    return (await this.sql.query(REPLACE, params)).rows.length === 1;
  }
}
