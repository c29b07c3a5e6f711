// Reads artifacts: lists, and one with its content.
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { findRow } from '../../../platform/database/rows.js';
import { z } from 'zod';
import { ArtifactEntity } from '../../../execution/index.js';
import type { BlobRange, BlobStore } from '../../../platform/blobs/blob-store.port.js';
import { NotFoundError } from '../../../platform/errors/errors.js';
import { BLOB_STORE } from '../../../platform/tokens.js';
import { key, keyOfToken, LONG_PAGE_SIZE, pageOf, type Page, type PagedList } from './page-token.js';

const byPath: PagedList<[number, string]> = {
  name: 'artifacts',
  form: z.tuple([key.number, key.path]),
};

@Injectable()
export class ArtifactQueries {
  constructor(
    private readonly database: DataSource,
    @Inject(BLOB_STORE) private readonly blobs: BlobStore,
  ) {}

  /** The artifacts of a job by node and path, along the primary key. */
  async ofJob<Item>(
    jobId: string,
    token: string | undefined,
    view: (row: ArtifactEntity) => Item,
  ): Promise<Page<Item>> {
    const after = keyOfToken(byPath, token);
    const query = this.database.manager
      .createQueryBuilder(ArtifactEntity, 'a')
      .where('a.job_id = :jobId', { jobId })
      .orderBy('a.nodeIndex')
      .addOrderBy('a.path')
      .limit(LONG_PAGE_SIZE + 1);
    if (after) query.andWhere('(a.node_index, a.path) > (:node, :path)', { node: after[0], path: after[1] });
    return pageOf(await query.getMany(), LONG_PAGE_SIZE, byPath, (row) => [row.nodeIndex, row.path], view);
  }

  async find(jobId: string, nodeIndex: number, path: string): Promise<ArtifactEntity> {
    const artifact = await findRow(this.database, ArtifactEntity, { jobId, nodeIndex, path });
    if (!artifact) throw new NotFoundError('ARTIFACT.NOT_FOUND', 'Artifact not found');
    return artifact;
  }

  open(artifact: ArtifactEntity, range: BlobRange | undefined) {
    return this.blobs.get(artifact.blobKey, range);
  }
}
