// Contexts and the variables of contexts and projects.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Secrets1764300000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    // Names are compared byte by byte: their order is that of the pages.
    await db.query(`
      CREATE TABLE context (
        id uuid PRIMARY KEY, organization_id uuid NOT NULL, name text NOT NULL COLLATE "C",
        created_at timestamptz NOT NULL
      );
      CREATE UNIQUE INDEX context_name ON context (organization_id, name);
      CREATE TABLE context_variable (
        context_id uuid NOT NULL, name text NOT NULL COLLATE "C", sealed text NOT NULL,
        created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
        PRIMARY KEY (context_id, name)
      );
      CREATE TABLE project_variable (
        project_id uuid NOT NULL, name text NOT NULL COLLATE "C", sealed text NOT NULL,
        created_at timestamptz NOT NULL,
        PRIMARY KEY (project_id, name)
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward only; restore a backup to go back');
  }
}
