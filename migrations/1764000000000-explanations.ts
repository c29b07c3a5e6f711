// Why workflows and jobs did not run, and which agents ask for work.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Explanations1764000000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE pipeline_not_run (
        pipeline_id uuid NOT NULL, ordinal int NOT NULL, workflow text, job text, reasons jsonb NOT NULL,
        PRIMARY KEY (pipeline_id, ordinal)
      );
      ALTER TABLE workflow_job ADD COLUMN why jsonb;

      -- Not a read model: agents that have asked for work, which is not worth an event each. Losing it costs a minute.
      CREATE TABLE agent_sighting (
        agent_id uuid PRIMARY KEY, name text NOT NULL, executors jsonb NOT NULL, resource_classes jsonb NOT NULL,
        seen_at timestamptz NOT NULL
      );
    `);
  }

  /** Migrations go forward only: a newer program reads older events, never the other way round. */
  async down(): Promise<void> {
    throw new Error('migrations are forward only; restore a backup to go back');
  }
}
