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

/** For a later migration: a few bytes are kept in the row, where a file or an object would cost many times as much. */
export const OUTPUT_SEGMENT_CONTENT = `
ALTER TABLE rotunda.output_segment
  ALTER COLUMN blob_key DROP NOT NULL,
  ADD COLUMN IF NOT EXISTS content bytea,
  ADD CONSTRAINT output_segment_place CHECK ((blob_key IS NULL) <> (content IS NULL))`;

/** The part of a `pg` pool or client that is needed here. */
export interface SqlRunner {
  query(sql: string, params: unknown[]): Promise<{ rows: unknown[] }>;
}

// Looking one row back from the offset instead of testing start + length keeps it a plain index scan.
const SEGMENTS = `
SELECT start, length, blob_key, content FROM rotunda.output_segment
 WHERE task_id = $1 AND step = $2
   AND start >= coalesce((SELECT max(start) FROM rotunda.output_segment
                           WHERE task_id = $1 AND step = $2 AND start <= $3), 0)
   AND start + length > $3
 ORDER BY start LIMIT 1000`;

const END = `
SELECT start + length AS "end" FROM rotunda.output_segment
 WHERE task_id = $1 AND step = $2 ORDER BY start DESC LIMIT 1`;

const SCATTERED = `
SELECT step FROM rotunda.output_segment
 WHERE task_id = $1 AND length < $2 GROUP BY step HAVING count(*) > $3 ORDER BY step`;

// Of two that start at the same place, the primary key lets one in. In the order of steps, so that two calls with the
// same steps cannot wait for each other.
const ADD = `
INSERT INTO rotunda.output_segment (task_id, step, start, length, blob_key, content)
SELECT $1, a.step, a.start, a.length, a.blob_key, a.content
  FROM unnest($2::integer[], $3::bigint[], $4::integer[], $5::text[], $6::bytea[])
    AS a (step, start, length, blob_key, content)
 WHERE coalesce((SELECT s.start + s.length FROM rotunda.output_segment s
                  WHERE s.task_id = $1 AND s.step = a.step ORDER BY s.start DESC LIMIT 1), 0) = a.start
 ORDER BY a.step
ON CONFLICT DO NOTHING
RETURNING step`;

// The first row becomes the merged segment, the others go. The locked rows are counted before anything is changed: a
// second sealer waits at the lock, then finds rows gone or changed, and changes nothing. A segment without a blob never
// changes, so its place and length are enough to know it by.
const REPLACE = `
WITH held AS (
  SELECT s.start FROM rotunda.output_segment s
    JOIN unnest($3::bigint[], $4::integer[], $5::text[]) AS o (start, length, blob_key)
      ON s.start = o.start AND s.length = o.length AND s.blob_key IS NOT DISTINCT FROM o.blob_key
   WHERE s.task_id = $1 AND s.step = $2 ORDER BY s.start FOR UPDATE OF s
), complete AS (
  SELECT count(*) = cardinality($3::bigint[]) AS yes FROM held
), gone AS (
  DELETE FROM rotunda.output_segment s USING complete
   WHERE complete.yes AND s.task_id = $1 AND s.step = $2 AND s.start = ANY ($3::bigint[]) AND s.start <> $6
)
UPDATE rotunda.output_segment s SET length = $7, blob_key = $8, content = $9 FROM complete
 WHERE complete.yes AND s.task_id = $1 AND s.step = $2 AND s.start = $6
RETURNING s.start`;

export class PostgresOutputIndex implements OutputIndex {
  constructor(private readonly sql: SqlRunner) {}

  async segments(taskId: string, step: number, from = 0): Promise<OutputSegment[]> {
    // PostgreSQL's bigint comes as text.
    const { rows } = await this.sql.query(SEGMENTS, [taskId, step, from]);
    return (rows as Row[]).map(({ start, length, blob_key, content }) => {
      const place = content === null ? { blobKey: blob_key! } : { content };
      return { start: Number(start), length, ...place };
    });
  }

  async end(taskId: string, step: number): Promise<number> {
    const { rows } = await this.sql.query(END, [taskId, step]);
    return Number((rows as { end: string }[])[0]?.end ?? 0);
  }

  async scattered(taskId: string, length: number, count: number): Promise<number[]> {
    const { rows } = await this.sql.query(SCATTERED, [taskId, length, count]);
    return (rows as { step: number }[]).map(({ step }) => step);
  }

  async add(taskId: string, segments: { step: number; segment: OutputSegment }[]): Promise<boolean[]> {
    const { rows } = await this.sql.query(ADD, [
      taskId,
      segments.map(({ step }) => step),
      ...columnsOf(segments.map(({ segment }) => segment)),
      segments.map(({ segment }) => segment.content ?? null),
    ]);
    const added = new Set((rows as { step: number }[]).map(({ step }) => step));
    return segments.map(({ step }) => added.has(step));
  }

  async replace(taskId: string, step: number, old: OutputSegment[], merged: OutputSegment): Promise<boolean> {
    const { start, length, blobKey = null, content = null } = merged;
    const params = [taskId, step, ...columnsOf(old), start, length, blobKey, content];
    return (await this.sql.query(REPLACE, params)).rows.length === 1;
  }
}

interface Row {
  start: string;
  length: number;
  blob_key: string | null;
  content: Buffer | null;
}

function columnsOf(segments: OutputSegment[]): [number[], number[], (string | null)[]] {
  return [
    segments.map(({ start }) => start),
    segments.map(({ length }) => length),
    segments.map(({ blobKey }) => blobKey ?? null),
  ];
}
