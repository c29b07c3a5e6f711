// The table of what a pipeline did not run, and why.
import type { RowWriter } from '../../platform/database/rows.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { Projection } from '../../platform/followers/follower.types.js';
import type { PipelineExplained } from './pipeline.events.js';

export class ExplanationProjection implements Projection {
  readonly name = 'explanations';
  readonly tables = ['pipeline_not_run'];
  readonly eventTypes = ['PipelineExplained'] satisfies PipelineExplained['type'][];

  async project(events: readonly RecordedEvent[], db: RowWriter): Promise<void> {
    for (const recorded of events) {
      const { pipelineId, notRun } = (recorded as RecordedEvent & PipelineExplained).data;
      await db.query(INSERT, [
        pipelineId,
        notRun.map(({ workflow }) => workflow ?? null),
        notRun.map(({ job }) => job ?? null),
        notRun.map(({ reasons }) => JSON.stringify(reasons)),
      ]);
    }
  }
}

/** Numbered on behind what the setup config left out, where there was one. */
const INSERT = `
  INSERT INTO pipeline_not_run (pipeline_id, ordinal, workflow, job, reasons)
  SELECT $1, given.n - 1 + (SELECT coalesce(max(ordinal) + 1, 0) FROM pipeline_not_run WHERE pipeline_id = $1),
         given.workflow, given.job, given.reasons
  FROM unnest($2::text[], $3::text[], $4::jsonb[]) WITH ORDINALITY AS given (workflow, job, reasons, n)`;
