// The tables of pipelines and their configs.
import { insertRows, updateRows, type RowWriter } from '../../platform/database/rows.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { Projection } from '../../platform/followers/follower.types.js';
import { PipelineConfigEntity, PipelineEntity } from './pipeline.entity.js';
import type { PipelineErrored, PipelineEvent, PipelineRequest } from './pipeline.events.js';

export class PipelineProjection implements Projection {
  readonly name = 'pipelines';
  readonly tables = ['pipeline', 'pipeline_config'];
  readonly eventTypes = [
    'PipelineTriggered',
    'PipelineCompiled',
    'PipelineErrored',
  ] satisfies PipelineEvent['type'][];

  async project(events: readonly RecordedEvent[], db: RowWriter): Promise<void> {
    for (const recorded of events) {
      const { type, data } = recorded as RecordedEvent & PipelineEvent;
      const updatedAt = recorded.time;
      switch (type) {
        case 'PipelineTriggered':
          await insertRows(db, PipelineEntity, triggeredRow(data, updatedAt));
          break;
        case 'PipelineCompiled': {
          const { pipelineId, commit, source, compiled } = data;
          await updateRows(db, PipelineEntity, pipelineId, {
            state: 'created',
            commit,
            branch: commit.branch ?? null,
            updatedAt,
          });
          await insertRows(db, PipelineConfigEntity, { pipelineId, source, compiled });
          break;
        }
        case 'PipelineErrored':
          await this.errored(data, updatedAt, db);
      }
    }
  }

  private async errored(data: PipelineErrored['data'], updatedAt: Date, db: RowWriter): Promise<void> {
    const { pipelineId, commit, source, errors } = data;
    const known = commit ? { commit, branch: commit.branch ?? null } : {};
    await updateRows(db, PipelineEntity, pipelineId, { state: 'errored', errors, updatedAt, ...known });
    if (source !== undefined)
      await insertRows(db, PipelineConfigEntity, { pipelineId, source, compiled: '' });
  }
}

function triggeredRow(data: PipelineRequest, time: Date): PipelineEntity {
  const { pipelineId, projectId, projectSlug, number, trigger, vcs, parameters } = data;
  return {
    id: pipelineId,
    projectId,
    projectSlug,
    number,
    state: 'pending',
    trigger,
    vcs,
    branch: vcs.branch ?? null,
    actorId: trigger.actor.id,
    parameters,
    commit: null,
    errors: [],
    createdAt: time,
    updatedAt: time,
  };
}
