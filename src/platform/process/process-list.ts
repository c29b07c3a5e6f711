// The processes of this machine: from /proc on Linux, else from ps.
import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { promisify } from 'node:util';

export interface ProcessEntry {
  pid: number;
  parent: number;
  group: number;
  /** Tells two processes with the same pid apart; empty where it is not known. */
  startedAt: string;
  /** It has ended and only waits to be collected by its parent. */
  zombie: boolean;
}

/** All processes that this process may see. Those that end meanwhile are left out. */
export async function listProcesses(): Promise<ProcessEntry[]> {
  if (process.platform !== 'linux') return listByPs();
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const entries = await Promise.all(names.map((name) => readEntry(Number(name))));
  return entries.filter((entry) => entry !== undefined);
}

/** The variables that a process was started with, as `NAME=value`; [] where they cannot be read (not Linux, other user). */
export async function initialEnvironment(pid: number): Promise<string[]> {
  if (process.platform !== 'linux') return [];
  try {
    return (await readFile(`/proc/${pid}/environ`, 'latin1')).split('\0');
  } catch {
    return [];
  }
}

/** One process; undefined when there is none. Linux only. */
export async function readEntry(pid: number): Promise<ProcessEntry | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold spaces and parentheses itself: the fields start after the last one.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return {
      pid,
      zombie: fields[0] === 'Z' || fields[0] === 'X',
      parent: Number(fields[1]),
      group: Number(fields[2]),
      startedAt: fields[19] ?? '',
    };
  } catch {
    return undefined;
  }
}

async function listByPs(): Promise<ProcessEntry[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,ppid=,pgid=,state='], { timeout: 5000 });
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length === 4)
    .map(([pid, parent, group, state]) => ({
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      startedAt: '',
      zombie: state!.startsWith('Z'),
    }));
}
