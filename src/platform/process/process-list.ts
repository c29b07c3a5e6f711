// The processes of this machine: from /proc on Linux, else from ps.
//
// What is read from /proc is there at once: no disk can keep it waiting. So it is read in place; by way of the thread
// pool each file costs ten times as much (measured: 570 files were 30 ms).
import { execFile } from 'node:child_process';
import { closeSync, openSync, readSync, readdirSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';

export interface ProcessEntry {
  pid: number;
  parent: number;
  group: number;
  /** Tells two processes with the same pid apart, and a later one from an earlier; empty where it is not known. */
  startedAt: string;
  /** It has ended and only waits to be collected by its parent. */
  zombie: boolean;
  /** A thread of the kernel: it runs nothing of anybody. */
  kernel: boolean;
}

/** So many are looked at in one turn: on a machine with thousands of processes others get their turn in between. */
const AT_ONCE = 256;
/** PF_KTHREAD of the kernel's flags of a process. */
const KERNEL_THREAD = 0x20_0000;

/** All processes that this process may see, without most threads of the kernel. Those that end meanwhile are left out. */
export async function listProcesses(): Promise<ProcessEntry[]> {
  if (process.platform !== 'linux') return listByPs();
  const entries: ProcessEntry[] = [];
  const ofKernel = kernelThreads();
  let looked = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d/.test(name) || ofKernel.has(name)) continue;
    if (++looked % AT_ONCE === 0) await nextTurn();
    const entry = readEntry(Number(name));
    if (entry) entries.push(entry);
  }
  return entries;
}

/**
 * The environment that a process was started with, as `NAME=value`s with a zero byte behind each. Undefined where it
 * cannot be read (not Linux, other user); empty for a moment while a process becomes another program. The bytes are
 * valid until the next call of anything here.
 */
export function initialEnvironment(pid: number): Buffer | undefined {
  return process.platform === 'linux' ? readProc(`/proc/${pid}/environ`) : undefined;
}

/** One process; undefined when there is none. Linux only. */
export function readEntry(pid: number): ProcessEntry | undefined {
  const text = readProc(`/proc/${pid}/stat`)?.toString('latin1');
  if (!text) return undefined;
  // The name in parentheses may hold spaces and parentheses itself: the fields start after the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ', 20);
  return {
    pid,
    zombie: fields[0] === 'Z' || fields[0] === 'X',
    parent: Number(fields[1]),
    group: Number(fields[2]),
    kernel: (Number(fields[6]) & KERNEL_THREAD) !== 0,
    startedAt: fields[19] ?? '',
  };
}

/**
 * The numbers of the kernel's threads, as far as one file tells: a machine with many cores has more of them than of
 * anything else, and each would be a file to read. Empty in a container, and where the kernel does not list children.
 */
function kernelThreads(): ReadonlySet<string> {
  const THREADS_PARENT = 2;
  if (!readEntry(THREADS_PARENT)?.kernel) return new Set();
  const path = `/proc/${THREADS_PARENT}/task/${THREADS_PARENT}/children`;
  return new Set(readProc(path, true)?.toString('latin1').split(' '));
}

/** One for all files; it grows to the longest one. */
let buffer = Buffer.allocUnsafeSlow(16 * 1024);

/**
 * Content of a file of /proc, in the common buffer; undefined when it, or its process, is not there or not ours.
 * @param inPieces it may come in pieces; others come whole as long as there is room, and a second read, only to see the
 *   end, would cost as much as the first
 */
function readProc(path: string, inPieces = false): Buffer | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    for (let length = 0; ;) {
      const read = readSync(file, buffer, length, buffer.length - length, null);
      length += read;
      if (read === 0 || (!inPieces && length < buffer.length)) return buffer.subarray(0, length);
      if (length === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
    }
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
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
      kernel: false,
    }));
}
