// Signs of life of agents: who holds a task, until when. Not events, since one every few seconds is not worth keeping.
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

export interface HeldTask {
  taskId: string;
  jobId: string;
  claim: number;
  agentName: string;
}

@Injectable()
export class Leases {
  constructor(private readonly database: DataSource) {}

  async extend(taskId: string, claim: number, seconds: number): Promise<void> {
    await this.database.query(
      `INSERT INTO task_lease (task_id, claim, expires_at) VALUES ($1, $2, now() + make_interval(secs => $3))
       ON CONFLICT (task_id) DO UPDATE SET claim = excluded.claim, expires_at = excluded.expires_at`,
      [taskId, claim, seconds],
    );
  }

  async drop(taskId: string): Promise<void> {
    await this.database.query('DELETE FROM task_lease WHERE task_id = $1', [taskId]);
  }

  /**
   * Tasks whose agent gave no sign of life: the lease is over, or there is none although the claim is older than one
   * lease. At most `limit`, those without an agent longest first.
   */
  async expired(leaseSeconds: number, limit: number): Promise<HeldTask[]> {
    return this.database.query(
      `SELECT t.id AS "taskId", t.job_id AS "jobId", t.claim, coalesce(t.agent_name, '') AS "agentName"
       FROM task t LEFT JOIN task_lease l ON l.task_id = t.id AND l.claim = t.claim
       WHERE t.state IN ('claimed', 'started')
         AND coalesce(l.expires_at, t.claimed_at + make_interval(secs => $1)) < now()
       ORDER BY t.claimed_at LIMIT $2`,
      [leaseSeconds, limit],
    );
  }

  /** After the server was away nobody could renew: everybody gets one more lease. */
  async renewAll(leaseSeconds: number): Promise<void> {
    await this.database.query(
      `INSERT INTO task_lease (task_id, claim, expires_at)
       SELECT id, claim, now() + make_interval(secs => $1) FROM task WHERE state IN ('claimed', 'started')
       ON CONFLICT (task_id) DO UPDATE SET claim = excluded.claim, expires_at = greatest(task_lease.expires_at, excluded.expires_at)`,
      [leaseSeconds],
    );
  }
}
