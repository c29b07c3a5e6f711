// Artifacts: files that a job leaves for people.
import type { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import type { BlobStore } from '../../platform/blobs/blob-store.port.js';
import { InvalidInputError } from '../../platform/errors/errors.js';
import type { EventMetadata, EventStore } from '../../platform/event-store/event-store.port.js';
import { nameId, newId } from '../../platform/ids/ids.js';
import { BLOB_STORE, EVENT_STORE } from '../../platform/tokens.js';
import type { JobFacts } from '../jobs/job.events.js';
import type { ArtifactStored } from './artifact.events.js';

/** LANGUAGE C-256: 3 GB each. */
const MAX_BYTES = 3 * 1024 ** 3;
const MAX_PATH = 1000;

@Injectable()
export class Artifacts {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(BLOB_STORE) private readonly blobs: BlobStore,
  ) {}

  /**
   * Stores one file under `path` (slashes, relative); the last one under a path counts. The blob is named by a hash, so any
   * path a file can have will do, and each upload has its own, so that whoever reads an earlier one reads it whole.
   */
  async save(
    at: { job: JobFacts; taskId: string; path: string },
    content: Readable,
    by: EventMetadata,
  ): Promise<{ path: string; size: number; sha256: string }> {
    const { job, taskId } = at;
    const path = cleanPath(at.path);
    const nodeIndex = job.taskIds.indexOf(taskId);
    const blobKey = `artifacts/${job.jobId}/${nodeIndex}/${nameId('artifact', path)}/${newId()}`;
    const { size, sha256 } = await this.blobs.put(blobKey, content, { limit: MAX_BYTES });
    const data: ArtifactStored['data'] = {
      jobId: job.jobId,
      projectId: job.projectId,
      taskId,
      nodeIndex,
      path,
      size,
      sha256,
      blobKey,
    };
    await this.store.append(`artifacts-${job.jobId}`, 'any', [{ type: 'ArtifactStored', data }], by);
    return { path, size, sha256 };
  }
}

/** Throws unless the path is relative, stays below its start and is not too long. */
export function cleanPath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (
    parts.length === 0 ||
    parts.includes('..') ||
    path.includes('\0') ||
    Buffer.byteLength(path) > MAX_PATH
  ) {
    throw new InvalidInputError('ARTIFACT.PATH', `"${path.slice(0, 100)}" is not a path for an artifact`);
  }
  return parts.join('/');
}
