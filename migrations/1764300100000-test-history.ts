// The newest successful runs of a job, for the times of its tests.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class TestHistory1764300100000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`CREATE INDEX job_succeeded ON job (project_id, name, number) WHERE status = 'success'`);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward only; restore a backup to go back');
  }
}
