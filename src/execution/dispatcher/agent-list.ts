// The agents that a server knows, as people want to see them.
import type { DataSource } from 'typeorm';

/**
 * `idle` and `busy` agents take tasks; `draining` ones finish what they have; `gone` ones have said goodbye; `lost` ones
 * gave no sign of life for a minute.
 */
export type AgentHealth = 'idle' | 'busy' | 'draining' | 'gone' | 'lost';

export interface ListedAgent {
  id: string;
  name: string;
  /** Of its program; empty when it does not tell. */
  version: string;
  health: AgentHealth;
  executors: string[];
  /** `*` for all. */
  resourceClasses: string[];
  labels: Record<string, string>;
  /** Tasks at once; null when it does not tell. */
  capacity: number | null;
  /** Tasks that it has now. */
  busy: number;
  firstSeenAt: Date;
  lastSeenAt: Date;
}

const LOST_AFTER_SECONDS = 60;

/**
 * Agents by name and id, those of the last day. At most `limit` from the one after `after`, an agent's name and id; a
 * page with fewer is the last.
 */
export function listAgents(
  database: Pick<DataSource, 'query'>,
  limit: number,
  after: { name: string; id: string } = { name: '', id: '00000000-0000-0000-0000-000000000000' },
): Promise<ListedAgent[]> {
  return database.query(
    `SELECT a.agent_id AS id, a.name, a.version, a.executors, a.resource_classes AS "resourceClasses", a.labels,
       a.capacity, b.busy, a.first_seen_at AS "firstSeenAt", a.seen_at AS "lastSeenAt",
       CASE WHEN a.state = 'gone' THEN 'gone'
            WHEN a.seen_at < now() - make_interval(secs => $1) THEN 'lost'
            WHEN a.state = 'draining' THEN 'draining'
            WHEN b.busy > 0 THEN 'busy' ELSE 'idle' END AS health
     FROM agent_sighting a CROSS JOIN LATERAL (
       SELECT count(*)::int AS busy FROM task t WHERE t.state IN ('claimed', 'started') AND t.agent_id = a.agent_id
     ) b
     WHERE (a.name, a.agent_id) > ($2, $3::uuid)
     ORDER BY a.name, a.agent_id LIMIT $4`,
    [LOST_AFTER_SECONDS, after.name, after.id, limit],
  );
}

/** An agent as the API and the command line show it. */
export interface AgentView {
  id: string;
  name: string;
  version: string;
  health: AgentHealth;
  executors: string[];
  resource_classes: string[];
  labels: Record<string, string>;
  capacity: number | null;
  busy: number;
  first_seen_at: string;
  last_seen_at: string;
}

export function agentView(agent: ListedAgent): AgentView {
  const { id, name, version, health, executors, resourceClasses, labels, capacity, busy } = agent;
  return {
    ...{ id, name, version, health, executors, resource_classes: resourceClasses, labels, capacity, busy },
    first_seen_at: agent.firstSeenAt.toISOString(),
    last_seen_at: agent.lastSeenAt.toISOString(),
  };
}
