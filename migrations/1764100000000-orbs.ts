// The read model of the orb registry and of the URL orbs that organisations allow.
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Orbs1764100000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE orb_namespace (name text PRIMARY KEY, organization_id uuid, created_at timestamptz NOT NULL);
      CREATE INDEX orb_namespace_organization ON orb_namespace (organization_id);
      CREATE TABLE orb (
        id uuid PRIMARY KEY, namespace text NOT NULL, name text NOT NULL UNIQUE, is_private boolean NOT NULL,
        listed boolean NOT NULL, categories jsonb NOT NULL, created_at timestamptz NOT NULL
      );
      CREATE INDEX orb_of_namespace ON orb (namespace, name);
      CREATE TABLE orb_version (
        orb_id uuid NOT NULL, version text NOT NULL, major int, minor int, patch int, source text NOT NULL,
        dependencies jsonb NOT NULL, published_at timestamptz NOT NULL, expires_at timestamptz,
        PRIMARY KEY (orb_id, version)
      );
      CREATE INDEX orb_version_newest ON orb_version (orb_id, major, minor, patch) WHERE major IS NOT NULL;
      CREATE TABLE url_orb_prefix (
        id uuid PRIMARY KEY, organization_id uuid NOT NULL, name text NOT NULL, prefix text NOT NULL, auth text NOT NULL,
        created_at timestamptz NOT NULL
      );
      CREATE INDEX url_orb_prefix_organization ON url_orb_prefix (organization_id, id);
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward only; restore a backup to go back');
  }
}
