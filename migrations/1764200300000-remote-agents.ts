// What agents tell of themselves, and the resource classes that an agent's token is good for.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RemoteAgents1764200300000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE api_token ADD COLUMN resource_classes jsonb;
      ALTER TABLE agent_sighting
        ADD COLUMN version text NOT NULL DEFAULT '', ADD COLUMN labels jsonb NOT NULL DEFAULT '{}',
        ADD COLUMN capacity int, ADD COLUMN state text NOT NULL DEFAULT 'working',
        ADD COLUMN first_seen_at timestamptz NOT NULL DEFAULT now();
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward only; restore a backup to go back');
  }
}
