// Facts about workspaces: layers that jobs add for those downstream. Stream `workspace-<workspace id>`.
import { eventTypes, type EventOf } from '../../platform/event-store/event-of.js';

export type WorkspaceLayerAdded = EventOf<
  'WorkspaceLayerAdded',
  {
    layerId: string;
    workspaceId: string;
    jobId: string;
    jobName: string;
    nodeIndex: number;
    step: number;
    size: number;
    sha256: string;
    blobKey: string;
  }
>;

export const workspaceEvents = eventTypes<WorkspaceLayerAdded>({
  WorkspaceLayerAdded: 'followed',
});
