// The keys that continue pipelines (LANGUAGE C-025). A key follows from the pipeline and a secret of the server, so that
// every job of a setup workflow can be given it and nothing but its hash is ever stored.
import { createHash, createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { isUuid } from '../../platform/ids/ids.js';
import { serverSecret } from '../../platform/secrets/server-secret.js';

const ID_BYTES = 16;
const KEY_BYTES = ID_BYTES + 32;

@Injectable()
export class ContinuationKeys {
  private secret: Promise<Buffer> | undefined;

  constructor(private readonly database: DataSource) {}

  /** The key of a pipeline: always the same. */
  async of(pipelineId: string): Promise<string> {
    this.secret ??= serverSecret(this.database, 'continuation');
    const secret = await this.secret.catch((error: unknown) => {
      this.secret = undefined;
      throw error;
    });
    const id = Buffer.from(pipelineId.replaceAll('-', ''), 'hex');
    const proof = createHmac('sha256', secret).update(id).digest();
    return Buffer.concat([id, proof]).toString('base64url');
  }

  async hashOf(pipelineId: string): Promise<string> {
    return hashOfKey(await this.of(pipelineId));
  }
}

export function hashOfKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** The pipeline that a key names, whether the key is good or not; undefined for what has not the form of one. */
export function pipelineOfKey(key: string): string | undefined {
  const bytes = Buffer.from(key, 'base64url');
  if (bytes.length !== KEY_BYTES || bytes.toString('base64url') !== key) return undefined;
  const hex = bytes.toString('hex', 0, ID_BYTES);
  const id = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join(
    '-',
  );
  return isUuid(id) ? id : undefined;
}
