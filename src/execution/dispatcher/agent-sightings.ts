// Which agents ask for work, and for what kind: what tells a task that waits its turn from one that nobody will ever take,
// and what the list of agents is made of.
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ClaimRequest, LeavingNotice } from '../protocol/index.js';

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

  /** An agent asks for work: it is there, and this is what it offers. */
  async note(claim: ClaimRequest): Promise<void> {
    const { agentId, agentName, executors, resourceClasses, version = '', capacity, labels = {} } = claim;
    const offer = JSON.stringify([agentName, executors, resourceClasses, version, capacity, labels]);
    const known = this.noted.get(agentId);
    const now = Date.now();
    if (known && known.until > now && known.offer === offer) return;
    if (!known) await this.forgetOld(now);
    this.noted.set(agentId, { until: now + NOTE_MS, offer });
    await this.database.query(
      `INSERT INTO agent_sighting (agent_id, name, executors, resource_classes, version, capacity, labels, seen_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, now())
       ON CONFLICT (agent_id) DO UPDATE SET name = excluded.name, executors = excluded.executors,
         resource_classes = excluded.resource_classes, version = excluded.version, capacity = excluded.capacity,
         labels = excluded.labels, state = 'working', seen_at = excluded.seen_at`,
      [
        ...[agentId, agentName, JSON.stringify(executors), JSON.stringify(resourceClasses)],
        ...[version, capacity ?? null, JSON.stringify(labels)],
      ],
    );
  }

  /** A sign of life about a task: an agent with its hands full does not ask for work. */
  async seen(agentId: string): Promise<void> {
    const now = Date.now();
    const known = this.noted.get(agentId);
    if (known && known.until > now) return;
    this.noted.set(agentId, { until: now + NOTE_MS, offer: known?.offer ?? '' });
    await this.database.query('UPDATE agent_sighting SET seen_at = now() WHERE agent_id = $1', [agentId]);
  }

  /** An agent takes no more tasks, or has gone. */
  async leaving({ agentId, state }: LeavingNotice): Promise<void> {
    await this.database.query('UPDATE agent_sighting SET state = $2, seen_at = now() WHERE agent_id = $1', [
      agentId,
      state,
    ]);
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
     WHERE state = 'working' AND seen_at > now() - make_interval(secs => $1)
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
