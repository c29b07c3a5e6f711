// The log, and the index of step output.
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { OUTPUT_SEGMENT_TABLE } from '../src/execution/output/postgres-output-index.js';
import { eventStoreSchemaSql } from '../src/platform/event-store/postgres/schema.js';

export class EventStore1763942300000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(eventStoreSchemaSql);
    await db.query(OUTPUT_SEGMENT_TABLE);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward only; restore a backup to go back');
  }
}
