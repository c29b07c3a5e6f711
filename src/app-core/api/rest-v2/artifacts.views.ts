// Rows of artifacts as REST v2 shows them, and the address of their content.
import type { ArtifactEntity } from '../../../execution/index.js';
import type { ArtifactView } from './artifacts.schemas.js';

type ArtifactPlace = Pick<ArtifactEntity, 'jobId' | 'nodeIndex' | 'path'>;

export function artifactView(row: ArtifactPlace, publicUrl: string): ArtifactView {
  return { path: row.path, node_index: row.nodeIndex, url: `${publicUrl}${artifactUrlPath(row)}` };
}

/** The part of the download address after the host. */
export function artifactUrlPath({ jobId, nodeIndex, path }: ArtifactPlace): string {
  const escaped = path.split('/').map(encodeURIComponent).join('/');
  return `/output/job/${jobId}/artifacts/${nodeIndex}/${escaped}`;
}
