// What compiling asks the tables of pipelines.
import type { DataSource } from 'typeorm';
import type { CommitFacts, PipelineRequest } from './pipeline.events.js';

/** Pipelines that wait for a config, in the order of their ids. */
export function waitingPipelines(
  database: DataSource,
  after: string | undefined,
  limit: number,
): Promise<{ id: string; continued: boolean }[]> {
  return database.query(
    `SELECT id, continued FROM pipeline
     WHERE state IN ('pending', 'setup-pending') AND ($1::uuid IS NULL OR id > $1::uuid) ORDER BY id LIMIT $2`,
    [after ?? null, limit],
  );
}

/**
 * The revision of the pipeline before this one on the same branch. Undefined for the first one of a branch, for tags and
 * for pipelines that were asked for (LANGUAGE C-114).
 */
export async function baseRevision(
  database: DataSource,
  { projectId, number, trigger }: PipelineRequest,
  { branch }: CommitFacts,
): Promise<string | undefined> {
  if (trigger.type !== 'webhook' || branch === undefined) return undefined;
  const rows: { revision: string }[] = await database.query(
    `SELECT commit ->> 'revision' AS revision FROM pipeline
     WHERE project_id = $1 AND branch = $2 AND number < $3 AND commit IS NOT NULL ORDER BY number DESC LIMIT 1`,
    [projectId, branch, number],
  );
  return rows[0]?.revision;
}
