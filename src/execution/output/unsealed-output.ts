// Tasks whose output is to be merged into fewer segments. Not a read model: where the table is lost, some output stays in
// many small segments, and is read all the same.
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** For the migration. */
export const UNSEALED_OUTPUT_TABLE = 'CREATE TABLE unsealed_output (task_id uuid PRIMARY KEY)';

@Injectable()
export class UnsealedOutput {
  constructor(private readonly database: DataSource) {}

  async note(taskId: string): Promise<void> {
    await this.database.query('INSERT INTO unsealed_output VALUES ($1) ON CONFLICT DO NOTHING', [taskId]);
  }

  async forget(taskId: string): Promise<void> {
    await this.database.query('DELETE FROM unsealed_output WHERE task_id = $1', [taskId]);
  }

  /** Ids of tasks behind `after`, in order; at most `limit`. */
  async list(after: string | undefined, limit: number): Promise<string[]> {
    const rows: { id: string }[] = await this.database.query(
      `SELECT task_id AS id FROM unsealed_output WHERE $1::uuid IS NULL OR task_id > $1 ORDER BY task_id LIMIT $2`,
      [after ?? null, limit],
    );
    return rows.map(({ id }) => id);
  }
}
