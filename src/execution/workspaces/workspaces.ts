// Workspaces: jobs add layers, jobs downstream of them see these (LANGUAGE C-275, C-276).
import type { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import type { BlobStore } from '../../platform/blobs/blob-store.port.js';
import { NotFoundError } from '../../platform/errors/errors.js';
import type { EventMetadata, EventStore } from '../../platform/event-store/event-store.port.js';
import { derivedId } from '../../platform/ids/ids.js';
import { BLOB_STORE, EVENT_STORE } from '../../platform/tokens.js';
import type { WorkflowCreated } from '../../pipelines/index.js';
import type { JobFacts } from '../jobs/job.events.js';
import type { WorkspaceLayer } from '../protocol/index.js';
import type { WorkspaceLayerAdded } from './workspace.events.js';
import { upstreamInOrder } from './upstream.js';

@Injectable()
export class Workspaces {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(BLOB_STORE) private readonly blobs: BlobStore,
  ) {}

  /** The layers that this job sees, in the order in which they are applied. Reads the streams: tables may be behind. */
  async layersFor(job: JobFacts): Promise<WorkspaceLayer[]> {
    const [created] = await this.store.readStream(`workflow-${job.workflowId}`, 0, 1);
    const { jobs } = (created as NonNullable<typeof created> & WorkflowCreated).data;
    const upstream = upstreamInOrder(
      jobs.map(({ id, name, requires }, ordinal) => ({ id, name, requires, ordinal })),
      job.name,
    );
    if (upstream.length === 0) return [];
    const events = await this.store.readStream(`workspace-${job.workspaceId}`);
    const layers = events.map((event) => (event as typeof event & WorkspaceLayerAdded).data);
    layers.sort((a, b) => a.nodeIndex - b.nodeIndex || a.step - b.step);
    return upstream.flatMap((jobId) => layers.filter((layer) => layer.jobId === jobId)).map(asLayer);
  }

  /** Opens a layer that this job sees; NotFoundError for any other. */
  async open(job: JobFacts, layerId: string): Promise<Readable> {
    const layer = (await this.layersFor(job)).find(({ id }) => id === layerId);
    if (!layer) throw new NotFoundError('WORKSPACE.LAYER', `the workspace has no layer ${layerId}`);
    return this.blobs.get(blobKeyOf(job.workspaceId, layerId));
  }

  /** Adds a layer. The same task and step again: the earlier layer stands. */
  async add(
    at: { job: JobFacts; taskId: string; step: number },
    content: Readable,
    by: EventMetadata,
  ): Promise<WorkspaceLayer> {
    const { job, taskId, step } = at;
    const layerId = derivedId(taskId, 'layer', step);
    const blobKey = blobKeyOf(job.workspaceId, layerId);
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

function blobKeyOf(workspaceId: string, layerId: string): string {
  return `workspaces/${workspaceId}/${layerId}`;
}

function asLayer({
  layerId,
  jobId,
  jobName,
  nodeIndex,
  size,
  sha256,
}: WorkspaceLayerAdded['data']): WorkspaceLayer {
  return { id: layerId, jobId, jobName, nodeIndex, size, sha256 };
}
