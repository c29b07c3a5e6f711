// Runs the real command line as a child process and looks at what it leaves behind.
import { spawn, execFileSync, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PREPARE = fileURLToPath(new URL('../../src/cli/prepare.mjs', import.meta.url));

export interface CliRun {
  child: ChildProcess;
  /** What it has written so far. */
  stdout(): string;
  stderr(): string;
  /** Exit code, within `limitMs`; it is killed and this throws when it takes longer. */
  ended(limitMs?: number): Promise<number | null>;
}

export function cli(args: string[], options: { cwd?: string; env?: Record<string, string> } = {}): CliRun {
  const child = spawn(process.execPath, [PREPARE, ...args], {
    cwd: options.cwd,
    env: { ...process.env, NODE_OPTIONS: '', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const closed = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return {
    child,
    stdout: () => out,
    stderr: () => err,
    ended: async (limitMs = 90_000) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          child.kill('SIGKILL');
          reject(new Error(`the command took longer than ${limitMs} ms:\n${out}\n${err}`));
        }, limitMs);
      });
      return Promise.race([closed, late]).finally(() => clearTimeout(timer));
    },
  };
}

/** Waits until `condition` holds; throws with `what` after the limit. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 60_000,
): Promise<void> {
  const limit = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > limit) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await pause(50);
  }
}

/** A directory of its own below the system's temporary one, that every user may pass through. */
export async function ownDirectory(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'cli-e2e-'));
  execFileSync('chmod', ['711', path]);
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** A Git repository with one commit of the files, on branch main. */
export async function repositoryOf(path: string, files: Record<string, string>): Promise<string> {
  await write(path, files);
  git(path, 'init', '--quiet');
  git(path, 'symbolic-ref', 'HEAD', 'refs/heads/main');
  git(path, 'add', '--all');
  git(path, '-c', 'user.name=Ada', '-c', 'user.email=ada@localhost', 'commit', '--quiet', '-m', 'One');
  return path;
}

export async function write(path: string, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
}

export function git(path: string, ...args: string[]): string {
  return execFileSync('git', ['-C', path, ...args], { encoding: 'utf8' });
}

/** Command lines of all processes that have `marker` in their arguments or environment, but for this one. */
export async function processesWith(marker: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    if (Number(pid) === process.pid) continue;
    const [command, environment] = await Promise.all(
      ['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => '')),
    );
    if (`${command}\0${environment}`.includes(marker)) found.push(`${pid} ${command!.replaceAll('\0', ' ')}`);
  }
  return found;
}
