// Which tasks' output is to be merged into fewer segments.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { UNSEALED_OUTPUT_TABLE } from '../src/execution/output/unsealed-output.js';

export class UnsealedOutput1764000300000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(UNSEALED_OUTPUT_TABLE);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward only; restore a backup to go back');
  }
}
