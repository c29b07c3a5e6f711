// What an agent may conclude from the labels of what it finds at its engine.
import { describe, expect, it } from '@jest/globals';
import { isLeftBehind, labelsOf, startOf, thisOwner, type Found, type Owner } from './owner.js';

const NOW = 1_000_000;
const me: Owner = { place: 'boot-1/pid:[1]', pid: 10, startedAt: '500' };

function leftBehind(
  made: { taskId?: string; agent?: string; owner?: Partial<Owner>; maxRunSeconds?: number },
  state: Partial<Pick<Found, 'running' | 'createdAt'>> = {},
  alive: string[] = [],
): boolean {
  const owner = { ...me, ...made.owner };
  const labels = labelsOf({ taskId: 'task', agent: 'here', ...made, owner }, NOW - 60);
  return isLeftBehind(
    { labels, running: true, createdAt: NOW - 60, ...state },
    {
      agent: 'here',
      owner: me,
      alive: new Set(alive),
      nowSeconds: NOW,
      startOf: (pid) => (pid === 11 ? '600' : pid === 10 ? '500' : undefined),
    },
  );
}

describe('what is left behind', () => {
  it('is what this agent made for a task that it does not run', () => {
    expect(leftBehind({})).toBe(true);
    expect(leftBehind({}, {}, ['task'])).toBe(false);
  });

  it('is not what another agent of this process made', () => {
    expect(leftBehind({ agent: 'other' })).toBe(false);
  });

  it('is what a process of this machine made that has gone, whatever its name was', () => {
    expect(leftBehind({ owner: { pid: 12, startedAt: '400' } })).toBe(true);
    expect(leftBehind({ agent: 'other', owner: { pid: 12, startedAt: '400' } })).toBe(true);
    // The number was given to another process since.
    expect(leftBehind({ owner: { pid: 11, startedAt: '400' } })).toBe(true);
  });

  it('is not what belongs to another process that lives, also under the same name', () => {
    expect(leftBehind({ owner: { pid: 11, startedAt: '600' } })).toBe(false);
    expect(leftBehind({ owner: { pid: 11, startedAt: '600' } }, { running: false, createdAt: 0 })).toBe(
      false,
    );
  });

  it('is, of a process that cannot be seen, only what stands still under the same name', () => {
    const before = { owner: { place: 'boot-0/pid:[1]' } };
    expect(leftBehind(before)).toBe(false);
    expect(leftBehind(before, { running: false })).toBe(false);
    expect(leftBehind(before, { running: false, createdAt: NOW - 1000 })).toBe(true);
    expect(leftBehind({ ...before, agent: 'other' }, { running: false, createdAt: NOW - 1000 })).toBe(false);
  });

  it('is what was made for a task whose time is over, an hour later, whoever made it', () => {
    const elsewhere = { agent: 'other', owner: { place: 'far away' } };
    expect(leftBehind({ ...elsewhere, maxRunSeconds: -3500 })).toBe(false);
    expect(leftBehind({ ...elsewhere, maxRunSeconds: -3600 })).toBe(true);
    expect(leftBehind({ maxRunSeconds: -3600 }, {}, ['task'])).toBe(false);
  });

  it('is nothing that is not a task of Rotunda', () => {
    const sweeper = { agent: 'here', owner: me, alive: new Set<string>(), nowSeconds: NOW, startOf };
    expect(isLeftBehind({ labels: {}, running: false, createdAt: 0 }, sweeper)).toBe(false);
  });
});

describe('this process', () => {
  it('is found again by its number and start', () => {
    const { pid, startedAt } = thisOwner();
    expect(startOf(pid)).toBe(startedAt);
    expect(startOf(2 ** 30)).toBeUndefined();
  });
});
