// Workspaces: jobs add layers, jobs downstream of them see these (LANGUAGE C-275, C-276).
import type { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import type { BlobStore } from '../../platform/blobs/blob-store.port.js';
import { NotFoundError } from '../../platform/errors/errors.js';
import type { EventMetadata, EventStore } from '../../platform/event-store/event-store.port.js';
import { derivedId } from '../../platform/ids/ids.js';
import { BLOB_STORE, EVENT_STORE } from '../../platform/tokens.js';
import { FollowerHost } from '../../platform/followers/follower-host.js';
import { WorkflowJobEntity } from '../../pipelines/index.js';
import type { JobFacts } from '../jobs/job.events.js';
import type { WorkspaceLayer } from '../protocol/index.js';
import { WorkspaceLayerEntity } from './workspace.entity.js';
import type { WorkspaceLayerAdded } from './workspace.events.js';
import { upstreamInOrder } from './upstream.js';

@Injectable()
export class Workspaces {
  constructor(
    private readonly database: DataSource,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(BLOB_STORE) private readonly blobs: BlobStore,
    private readonly followers: FollowerHost,
  ) {}

  /** The layers that this job sees, in the order in which they are applied. */
  async layersFor(job: JobFacts): Promise<WorkspaceLayer[]> {
    await this.followers.caughtUp(await this.store.head(), ['WorkspaceLayerAdded', 'WorkflowCreated']);
    const graph = await this.database.manager.findBy(WorkflowJobEntity, { workflowId: job.workflowId });
    const upstream = upstreamInOrder(
      graph.map(({ jobId, name, requires, ordinal }) => ({ id: jobId, name, requires, ordinal })),
      job.name,
    );
    if (upstream.length === 0) return [];
    const rows = await this.database.manager.find(WorkspaceLayerEntity, {
      where: { workspaceId: job.workspaceId, jobId: In(upstream) },
      order: { nodeIndex: 'ASC', step: 'ASC' },
    });
    return upstream.flatMap((jobId) => rows.filter((row) => row.jobId === jobId)).map(asLayer);
  }

  /** Opens a layer that this job sees; NotFoundError for any other. */
  async open(job: JobFacts, layerId: string): Promise<Readable> {
    const row = await this.database.manager.findOneBy(WorkspaceLayerEntity, {
      id: layerId,
      workspaceId: job.workspaceId,
    });
    if (!row) throw new NotFoundError('WORKSPACE.LAYER', `the workspace has no layer ${layerId}`);
    return this.blobs.get(row.blobKey);
  }

  /** Adds a layer. The same task and step again: the earlier layer stands. */
  async add(
    at: { job: JobFacts; taskId: string; step: number },
    content: Readable,
    by: EventMetadata,
  ): Promise<WorkspaceLayer> {
    const { job, taskId, step } = at;
    const layerId = derivedId(taskId, 'layer', step);
    const blobKey = `workspaces/${job.workspaceId}/${layerId}`;
    const { size, sha256 } = await this.blobs.put(blobKey, content);
    const nodeIndex = job.taskIds.indexOf(taskId);
    const { workspaceId, jobId, name: jobName } = job;
    const data: WorkspaceLayerAdded['data'] = {
      layerId,
      workspaceId,
      jobId,
      jobName,
      nodeIndex,
      step,
      size,
      sha256,
      blobKey,
    };
    await this.store.append(
      `workspace-${workspaceId}`,
      'any',
      [{ id: layerId, type: 'WorkspaceLayerAdded', data }],
      by,
    );
    return { id: layerId, jobId, jobName, nodeIndex, size, sha256 };
  }
}

function asLayer(row: WorkspaceLayerEntity): WorkspaceLayer {
  const { id, jobId, jobName, nodeIndex, size, sha256 } = row;
  return { id, jobId, jobName, nodeIndex, size: Number(size), sha256 };
}
