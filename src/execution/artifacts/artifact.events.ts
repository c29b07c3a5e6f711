// Facts about files that a job left for people. Stream `artifacts-<job id>`.
import { eventTypes, type EventOf } from '../../platform/event-store/event-of.js';

export type ArtifactStored = EventOf<
  'ArtifactStored',
  {
    jobId: string;
    projectId: string;
    taskId: string;
    nodeIndex: number;
    /** Where people find it: destination and path, with slashes. */
    path: string;
    size: number;
    sha256: string;
    blobKey: string;
  }
>;

export const artifactEvents = eventTypes<ArtifactStored>({
  ArtifactStored: 'followed',
});
