// The tables of pipelines and their configs.
import { insertRows, updateRows, type RowWriter } from '../../platform/database/rows.js';
import type { RecordedEvent } from '../../platform/event-store/event-store.port.js';
import type { Projection } from '../../platform/followers/follower.types.js';
import { PipelineConfigEntity, PipelineEntity } from './pipeline.entity.js';
import type { CommitFacts, PipelineEvent, PipelineRequest } from './pipeline.events.js';

export class PipelineProjection implements Projection {
  readonly name = 'pipelines';
  readonly tables = ['pipeline', 'pipeline_config'];
  readonly eventTypes = [
    'PipelineTriggered',
    'PipelineSetupFound',
    'PipelineSetUp',
    'PipelineContinued',
    'PipelineCompiled',
    'PipelineErrored',
  ] satisfies PipelineEvent['type'][];

  async project(events: readonly RecordedEvent[], db: RowWriter): Promise<void> {
    for (const recorded of events)
      await this.one(recorded as RecordedEvent & PipelineEvent, recorded.time, db);
  }

  private async one({ type, data }: PipelineEvent, updatedAt: Date, db: RowWriter): Promise<void> {
    const { pipelineId } = data;
    switch (type) {
      case 'PipelineTriggered':
        await insertRows(db, PipelineEntity, triggeredRow(data, updatedAt));
        break;
      case 'PipelineSetupFound':
        await updateRows(db, PipelineEntity, pipelineId, { state: 'setup-pending', updatedAt });
        break;
      case 'PipelineSetUp': {
        const { commit, source, compiled } = data;
        await updateRows(db, PipelineEntity, pipelineId, { state: 'setup', updatedAt, ...known(commit) });
        const texts = { source: '', compiled: '', setupSource: source, setupCompiled: compiled };
        await insertRows(db, PipelineConfigEntity, { pipelineId, ...texts });
        break;
      }
      case 'PipelineContinued':
        await updateRows(db, PipelineEntity, pipelineId, { state: 'pending', continued: true, updatedAt });
        break;
      case 'PipelineCompiled': {
        const { commit, source, compiled } = data;
        await updateRows(db, PipelineEntity, pipelineId, { state: 'created', updatedAt, ...known(commit) });
        await this.texts(pipelineId, source, compiled, db);
        break;
      }
      case 'PipelineErrored': {
        const { commit, source, errors } = data;
        const change = { state: 'errored' as const, errors, updatedAt, ...(commit && known(commit)) };
        await updateRows(db, PipelineEntity, pipelineId, change);
        if (source !== undefined) await this.texts(pipelineId, source, '', db);
      }
    }
  }

  /** A pipeline that was continued has its row already, with the texts of the setup config. */
  private async texts(pipelineId: string, source: string, compiled: string, db: RowWriter): Promise<void> {
    await db.query(
      `INSERT INTO pipeline_config (pipeline_id, source, compiled) VALUES ($1, $2, $3)
       ON CONFLICT (pipeline_id) DO UPDATE SET source = excluded.source, compiled = excluded.compiled`,
      [pipelineId, source, compiled],
    );
  }
}

/** What the commit adds to what was asked for. */
function known(commit: CommitFacts): { commit: CommitFacts; branch: string | null } {
  return { commit, branch: commit.branch ?? null };
}

function triggeredRow(data: PipelineRequest, time: Date): PipelineEntity {
  const { pipelineId, projectId, projectSlug, number, trigger, vcs, parameters } = data;
  return {
    id: pipelineId,
    projectId,
    projectSlug,
    number,
    state: 'pending',
    continued: false,
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
