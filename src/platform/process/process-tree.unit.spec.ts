// Trees of real processes: group, children and those that left both.
import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { initialEnvironment, listProcesses, readEntry } from './process-list.js';
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
    const named = (value: string) => ({
      variable: { name: 'MARKER', selects: (found: string) => found === value },
    });

    it('finds what left its parent and its group by a variable', async () => {
      const value = randomUUID();
      const parent = start('(setsid sleep 1000 &) ; exit 0', { MARKER: value });
      await new Promise((resolve) => parent.once('exit', resolve));
      await until(async () => (await findTree(named(value))).length > 0);
      expect(await findTree({ pids: [parent.pid!], groups: [parent.pid!] })).toEqual([]);
      expect(await killTree(named(value), 1000)).toBe(true);
      expect(await findTree(named(value))).toEqual([]);
    });

    it('takes a variable by its whole name and value, behind an environment of any length', async () => {
      const value = randomUUID();
      const long = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`A${i}`, 'x'.repeat(3000)]));
      const both = [
        start('exec sleep 1000', { NO_MARKER: value, MARKER: `${value}-more` }),
        start('exec sleep 1000', { ...long, MARKER: value }),
      ];
      await until(async () => (await findTree({ pids: both.map(({ pid }) => pid!) })).length === 2);
      await until(async () => (await findTree(named(value))).length > 0);
      expect((await findTree(named(value))).map(({ pid }) => pid)).toEqual([both[1]!.pid]);
    });

    it('leaves out older processes than the oldest of the tree, whatever their variables', async () => {
      const value = randomUUID();
      const old = start('exec sleep 1000', { MARKER: value });
      await until(async () => (await findTree(named(value))).length === 1);
      const { startedAt } = readEntry(old.pid!)!;
      expect(await findTree({ ...named(value), since: startedAt })).toHaveLength(1);
      expect(await findTree({ ...named(value), since: String(Number(startedAt) + 1) })).toEqual([]);
    });

    it('kills what forks itself anew all the time', async () => {
      const value = randomUUID();
      // Each copy lives 20 ms and leaves its parent and its group.
      const script = 'sleep 0.02; setsid /bin/sh -c "$SCRIPT" & exit 0';
      start(script, { MARKER: value, SCRIPT: script });
      await until(async () => (await findTree(named(value))).length > 0);
      await until(async () => {
        await killTree(named(value), 0);
        return (await findTree(named(value))).length === 0;
      });
    });

    it('lists every process but threads of the kernel', async () => {
      const all = await listProcesses();
      expect(all.find(({ pid }) => pid === process.pid)).toMatchObject({ kernel: false, zombie: false });
      expect(new Set(all.map(({ pid }) => pid)).size).toBe(all.length);
      for (const { pid } of all.filter(({ kernel }) => kernel)) {
        expect(initialEnvironment(pid)?.length ?? 0).toBe(0);
      }
      const listed = new Set(all.map(({ pid }) => pid));
      const leftOut = (await readdir('/proc')).map(Number).filter((pid) => pid > 0 && !listed.has(pid));
      // Those that were started meanwhile are not there any more or not older than this look.
      const newest = all.reduce((latest, { startedAt }) => Math.max(latest, Number(startedAt)), 0);
      for (const entry of leftOut.map(readEntry)) {
        expect(entry === undefined || entry.kernel || Number(entry.startedAt) >= newest).toBe(true);
      }
    });
  }

  it('is content with a process that is gone already', async () => {
    expect(await killTree({ pids: [2 ** 22 + 1] }, 1000)).toBe(true);
  });
});
