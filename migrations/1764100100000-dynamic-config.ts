// Setup configs: the state and the texts of pipelines that have one, and the secret that their keys follow from.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { serverSecretSql } from '../src/platform/secrets/server-secret.js';

export class DynamicConfig1764100100000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(serverSecretSql);
    await db.query(`
      ALTER TABLE pipeline ADD COLUMN continued boolean NOT NULL DEFAULT false;
      ALTER TABLE pipeline_config ADD COLUMN setup_source text, ADD COLUMN setup_compiled text;
      CREATE INDEX pipeline_waiting ON pipeline (id) WHERE state IN ('pending', 'setup-pending');
      DROP INDEX pipeline_pending;
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward only; restore a backup to go back');
  }
}
