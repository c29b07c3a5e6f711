// `rotunda admin agents`: the agents of a server as a table.
import type { ListedAgent } from '../execution/index.js';
import { withPlatform } from './platform.js';

const PAGE = 200;

/** Writes the agents of the server's database, by name; with `json` one object a line, with the names of the API. */
export async function listAgentsTo(out: { write(text: string): unknown }, json: boolean): Promise<void> {
  await withPlatform(async ({ database }) => {
    const { agentView, listAgents } = await import('../execution/index.js');
    const agents: ListedAgent[] = [];
    for (let last: ListedAgent | undefined; ;) {
      const page = await listAgents(database, PAGE, last);
      agents.push(...page);
      last = page.at(-1);
      if (page.length < PAGE) break;
    }
    if (json) for (const agent of agents) out.write(`${JSON.stringify(agentView(agent))}\n`);
    else out.write(agentTable(agents));
  });
}

/** A line for each agent below a line of titles; words of people when there is none. */
export function agentTable(agents: readonly ListedAgent[]): string {
  if (agents.length === 0) return 'no agent has asked for work within the last day\n';
  const rows = [
    ['NAME', 'HEALTH', 'BUSY', 'RESOURCE CLASSES', 'EXECUTORS', 'LABELS', 'VERSION', 'LAST SEEN', 'ID'],
    ...agents.map((agent) => [
      agent.name,
      agent.health,
      `${agent.busy}/${agent.capacity ?? '?'}`,
      agent.resourceClasses.join(','),
      agent.executors.join(','),
      Object.entries(agent.labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(','),
      agent.version,
      agent.lastSeenAt.toISOString(),
      agent.id,
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
