// Test reports that are to be parsed again.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class TestReportReplays1764200100000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE test_report ADD COLUMN replay_id uuid;
      DROP INDEX test_report_waiting;
      CREATE INDEX test_report_waiting ON test_report (id) WHERE state = 'waiting' OR replay_id IS NOT NULL;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward only; restore a backup to go back');
  }
}
