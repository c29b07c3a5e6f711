// Which agents ask for work, and for what kind: what tells a task that waits its turn from one that nobody will ever take.
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ClaimRequest } from '../protocol/index.js';

export interface SightedAgent {
  id: string;
  name: string;
  executors: string[];
  /** `*` for all. */
  resourceClasses: string[];
}

/** An agent that is there asks at least this often: a claim waits 30 s at most. */
const PRESENT_SECONDS = 60;
/** How exact the time of a sighting is: an agent that asks more often is not written down each time. */
const NOTE_MS = 10_000;
const KEPT_HOURS = 24;
/** Of a large fleet these are enough to say what there is. */
const SHOWN = 100;

@Injectable()
export class AgentSightings {
  private readonly noted = new Map<string, { until: number; offer: string }>();

  constructor(private readonly database: DataSource) {}

  async note({ agentId, agentName, executors, resourceClasses }: ClaimRequest): Promise<void> {
    const offer = JSON.stringify([agentName, executors, resourceClasses]);
    const known = this.noted.get(agentId);
    const now = Date.now();
    if (known && known.until > now && known.offer === offer) return;
    if (!known) await this.forgetOld(now);
    this.noted.set(agentId, { until: now + NOTE_MS, offer });
    await this.database.query(
      `INSERT INTO agent_sighting (agent_id, name, executors, resource_classes, seen_at) VALUES ($1, $2, $3, $4, now())
       ON CONFLICT (agent_id) DO UPDATE SET name = excluded.name, executors = excluded.executors,
         resource_classes = excluded.resource_classes, seen_at = excluded.seen_at`,
      [agentId, agentName, JSON.stringify(executors), JSON.stringify(resourceClasses)],
    );
  }

  private async forgetOld(now: number): Promise<void> {
    for (const [id, { until }] of this.noted) {
      if (until < now - KEPT_HOURS * 3_600_000) this.noted.delete(id);
    }
    await this.database.query(
      'DELETE FROM agent_sighting WHERE seen_at < now() - make_interval(hours => $1)',
      [KEPT_HOURS],
    );
  }
}

/** Agents that asked for work lately, and those that are too busy to ask. */
export function presentAgents(database: DataSource): Promise<SightedAgent[]> {
  return database.query(
    `SELECT agent_id AS id, name, executors, resource_classes AS "resourceClasses" FROM agent_sighting a
     WHERE seen_at > now() - make_interval(secs => $1)
        OR EXISTS (SELECT 1 FROM task t WHERE t.state IN ('claimed', 'started') AND t.agent_id = a.agent_id)
     ORDER BY name, agent_id LIMIT ${SHOWN}`,
    [PRESENT_SECONDS],
  );
}

/** Whether an agent may take a task of this kind: the rule of the dispatcher's claim. */
export function offers(agent: SightedAgent, executor: string, resourceClass: string): boolean {
  const { executors, resourceClasses } = agent;
  return (
    executors.includes(executor) && (resourceClasses.includes('*') || resourceClasses.includes(resourceClass))
  );
}
