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
import type { WorkspaceEvent, WorkspaceLayerAdded } from './workspace.events.js';
import { concurrency, upstreamInOrder } from './upstream.js';

type Added = WorkspaceLayerAdded['data'];

@Injectable()
export class Workspaces {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(BLOB_STORE) private readonly blobs: BlobStore,
  ) {}

  /**
   * The layers that this job sees, in the order in which they are applied. Reads the streams: tables may be behind. Throws
   * NotFoundError when one of them is not kept any more.
   */
  async layersFor(job: JobFacts): Promise<WorkspaceLayer[]> {
    const [created] = await this.store.readStream(`workflow-${job.workflowId}`, 0, 1);
    const { jobs: planned } = (created as NonNullable<typeof created> & WorkflowCreated).data;
    const jobs = planned.map(({ id, name, requires }, ordinal) => ({ id, name, requires, ordinal }));
    const upstream = upstreamInOrder(jobs, job.name);
    if (upstream.length === 0) return [];
    const { added, removed } = await this.stored(job.workspaceId);
    added.sort((a, b) => a.nodeIndex - b.nodeIndex || a.step - b.step);
    const seen = upstream.flatMap((jobId) => added.filter((layer) => layer.jobId === jobId));
    const gone = seen.find(({ layerId }) => removed.has(layerId));
    if (gone) {
      throw new NotFoundError(
        'WORKSPACE.EXPIRED',
        `The workspace layer of job ${gone.jobName} (${gone.jobId}) is not kept any more: run the workflow from its start`,
      );
    }
    const unordered = concurrency(jobs);
    const concurrent = (a: Added, b: Added): boolean =>
      a.jobId === b.jobId ? a.nodeIndex !== b.nodeIndex : unordered(a.jobId, b.jobId);
    return seen.map((layer, place) =>
      asLayer(
        layer,
        seen.slice(0, place).filter((earlier) => concurrent(layer, earlier)),
      ),
    );
  }

  private async stored(workspaceId: string): Promise<{ added: Added[]; removed: Set<string> }> {
    const events = (await this.store.readStream(`workspace-${workspaceId}`)) as unknown as WorkspaceEvent[];
    const added = events.flatMap((event) => (event.type === 'WorkspaceLayerAdded' ? [event.data] : []));
    const removed = events.flatMap((event) =>
      event.type === 'WorkspaceLayerRemoved' ? [event.data.layerId] : [],
    );
    return { added, removed: new Set(removed) };
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
    const data: Added = {
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
    return asLayer(data, []);
  }
}

function blobKeyOf(workspaceId: string, layerId: string): string {
  return `workspaces/${workspaceId}/${layerId}`;
}

function asLayer(
  { layerId, workspaceId, jobId, jobName, nodeIndex, step, size, sha256 }: Added,
  concurrent: readonly Added[],
): WorkspaceLayer {
  const concurrentWith = concurrent.map(({ layerId: id }) => id);
  return { id: layerId, workspaceId, jobId, jobName, nodeIndex, step, concurrentWith, size, sha256 };
}
