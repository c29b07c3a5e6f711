// Trees of real processes: group, children and those that left both.
import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { findTree, killTree } from './process-tree.js';

const started: ChildProcess[] = [];
function start(script: string, environment: Record<string, string> = {}): ChildProcess {
  const child = spawn('/bin/sh', ['-c', script], {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, ...environment },
  });
  started.push(child);
  return child;
}
async function until(condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 5000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('waited 5 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
afterEach(async () => {
  await Promise.all(started.splice(0).map(({ pid }) => killTree({ pids: [pid!], groups: [pid!] }, 0)));
});

describe('killTree', () => {
  it('kills children and grandchildren and nothing else', async () => {
    const tree = start('sleep 1000 & (sleep 1000 & wait) & wait');
    const other = start('sleep 1000');
    await until(async () => (await findTree({ pids: [tree.pid!] })).length >= 4);
    expect(await killTree({ pids: [tree.pid!] }, 2000)).toBe(true);
    expect(await findTree({ pids: [tree.pid!], groups: [tree.pid!] })).toEqual([]);
    expect(await findTree({ pids: [other.pid!] })).not.toEqual([]);
  });

  it('kills what ignores SIGTERM', async () => {
    const stubborn = start('trap "" TERM; while :; do sleep 0.1; done');
    await until(async () => (await findTree({ pids: [stubborn.pid!] })).length >= 2);
    expect(await killTree({ pids: [stubborn.pid!] }, 100)).toBe(true);
    expect(await findTree({ pids: [stubborn.pid!] })).toEqual([]);
  });

  if (process.platform === 'linux') {
    it('finds what left its parent and its group by a variable', async () => {
      const marker = `MARKER=${randomUUID()}`;
      const environment = (entry: string) => entry === marker;
      const parent = start('(setsid sleep 1000 &) ; exit 0', { MARKER: marker.slice('MARKER='.length) });
      await new Promise((resolve) => parent.once('exit', resolve));
      await until(async () => (await findTree({ environment })).length > 0);
      expect(await findTree({ pids: [parent.pid!], groups: [parent.pid!] })).toEqual([]);
      expect(await killTree({ environment }, 1000)).toBe(true);
      expect(await findTree({ environment })).toEqual([]);
    });
  }

  it('is content with a process that is gone already', async () => {
    expect(await killTree({ pids: [2 ** 22 + 1] }, 1000)).toBe(true);
  });
});
