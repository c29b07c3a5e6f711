// Few bytes of output are kept beside the index of it.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { OUTPUT_SEGMENT_CONTENT } from '../src/execution/output/postgres-output-index.js';

export class OutputContent1764000100000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(OUTPUT_SEGMENT_CONTENT);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward only; restore a backup to go back');
  }
}
