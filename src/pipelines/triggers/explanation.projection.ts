// The table of what a pipeline did not run, and why.
import { insertRows, type RowWriter } from '../../platform/database/rows.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { Projection } from '../../platform/followers/follower.types.js';
import { PipelineNotRunEntity } from './explanation.entity.js';
import type { PipelineExplained } from './pipeline.events.js';

export class ExplanationProjection implements Projection {
  readonly name = 'explanations';
  readonly tables = ['pipeline_not_run'];
  readonly eventTypes = ['PipelineExplained'] satisfies PipelineExplained['type'][];

  async project(events: readonly RecordedEvent[], db: RowWriter): Promise<void> {
    for (const recorded of events) {
      const { pipelineId, notRun } = (recorded as RecordedEvent & PipelineExplained).data;
      for (let from = 0; from < notRun.length; from += ROWS) {
        const rows = notRun.slice(from, from + ROWS).map(({ workflow, job, reasons }, index) => ({
          pipelineId,
          ordinal: from + index,
          workflow: workflow ?? null,
          job: job ?? null,
          reasons,
        }));
        await insertRows(db, PipelineNotRunEntity, rows);
      }
    }
  }
}

/** Rows of one statement, which can have no more than 65,535 values. */
const ROWS = 1_000;
