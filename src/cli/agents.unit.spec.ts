// The table of agents: one line each, in columns.
import { describe, expect, it } from '@jest/globals';
import type { ListedAgent } from '../execution/index.js';
import { agentTable } from './agents.js';

const agent: ListedAgent = {
  ...{ id: '0e53027b-521a-4c40-9042-47e72b3c63a3', name: 'build-1', version: '0.1.0', health: 'busy' },
  ...{ executors: ['docker', 'machine'], resourceClasses: ['acme/linux'], labels: { room: 'cellar' } },
  ...{ capacity: 4, busy: 2 },
  firstSeenAt: new Date('2026-03-01T10:00:00Z'),
  lastSeenAt: new Date('2026-03-01T10:00:05Z'),
};

describe('agentTable', () => {
  it('has a line of titles and one for each agent', () => {
    const old = { ...agent, name: 'b', version: '', capacity: null, labels: {}, resourceClasses: ['*'] };
    expect(
      agentTable([agent, old])
        .split('\n')
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ['NAME', 'HEALTH', 'BUSY', 'RESOURCE CLASSES', 'EXECUTORS', 'LABELS', 'VERSION', 'LAST SEEN', 'ID'],
      [
        'build-1',
        'busy',
        '2/4',
        'acme/linux',
        'docker,machine',
        'room=cellar',
        '0.1.0',
        '2026-03-01T10:00:05.000Z',
        agent.id,
      ],
      ['b', 'busy', '2/?', '*', 'docker,machine', '2026-03-01T10:00:05.000Z', agent.id],
      [''],
    ]);
  });

  it('says so when there is none', () => {
    expect(agentTable([])).toBe('no agent has asked for work within the last day\n');
  });
});
