// Which chain of events a task belongs to: what its agent reports joins it.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class TaskCorrelation1764200000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE task ADD COLUMN correlation_id text');
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward only; restore a backup to go back');
  }
}
