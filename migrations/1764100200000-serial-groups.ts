// Serial groups, and what the config says of automatic reruns.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SerialGroups1764100200000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE serial_group_ticket (
        job_id uuid PRIMARY KEY, group_id uuid NOT NULL, organization text NOT NULL, key text NOT NULL,
        workflow_id uuid NOT NULL, project_id uuid NOT NULL, pipeline_number int NOT NULL, state text NOT NULL,
        since timestamptz NOT NULL
      );
      CREATE INDEX serial_group_ticket_group ON serial_group_ticket (group_id, since);
      CREATE INDEX serial_group_ticket_waiting ON serial_group_ticket (job_id, since) WHERE state = 'waiting';
      ALTER TABLE workflow ADD COLUMN max_auto_reruns int, ADD COLUMN auto_rerun_number int;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward only; restore a backup to go back');
  }
}
