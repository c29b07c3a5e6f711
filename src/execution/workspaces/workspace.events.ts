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
/** Its time is over; its blob goes. Jobs that need it fail from here on (LANGUAGE C-280). */
export type WorkspaceLayerRemoved = EventOf<
  'WorkspaceLayerRemoved',
  { layerId: string; workspaceId: string; blobKey: string }
>;
export type WorkspaceEvent = WorkspaceLayerAdded | WorkspaceLayerRemoved;

export const workspaceEvents = eventTypes<WorkspaceEvent>({
  WorkspaceLayerAdded: 'followed',
  WorkspaceLayerRemoved: 'followed',
});
