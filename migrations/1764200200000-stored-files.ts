// What caches hold, whose they are and when they end; and by what both caches and workspace layers are found that have.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class StoredFiles1764200200000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE cache ADD COLUMN scope text NOT NULL DEFAULT '',
        ADD COLUMN paths jsonb NOT NULL DEFAULT '[]', ADD COLUMN retention_days int;
      DROP INDEX cache_key;
      CREATE INDEX cache_key ON cache (project_id, scope, key, created_at);
      CREATE INDEX workspace_layer_age ON workspace_layer (created_at);
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward only; restore a backup to go back');
  }
}
