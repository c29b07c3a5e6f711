// Transaction ids start anew when a dump is restored into another cluster; the log's order must not.
import type { Pool } from 'pg';

const LOCK = 0x726f746e; // 'rotn'

/**
 * Raises the offset that is added to transaction ids when the log has ids which this cluster has not given out yet, so
 * that new events sort behind the old ones and the old ones are readable at once. The advisory lock keeps two starting
 * processes apart.
 */
export async function continueEpoch(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await client.query(`
      UPDATE rotunda.event_log_epoch SET tx_offset = log.last - cluster.oldest_running + 1
      FROM (SELECT max(tx) AS last FROM rotunda.events) log,
           (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest_running,
                   pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next) cluster
      WHERE log.last >= cluster.next + tx_offset`);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}
