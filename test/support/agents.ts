// Agents of another machine, as processes beside the server: they have a token, an address and nothing else of it.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { until } from './until.js';

const MAIN = resolve('dist/src/cli/main.js');
const run = promisify(execFile);

export interface TestAgent {
  child: ChildProcess;
  directory: string;
  log(): string;
  /** Its exit code, once it has ended; throws with its log after the limit. */
  ended(limitMs?: number): Promise<number | null>;
  /** Ends it at once and removes what is left. */
  stop(): Promise<void>;
}

export interface TestAgentOptions {
  server: string;
  token: string;
  name: string;
  args?: string[];
  /** Runs it in this network namespace. */
  network?: string;
}

export function startTestAgent({ server, token, name, args = [], network }: TestAgentOptions): TestAgent {
  const directory = mkdtempSync(join(tmpdir(), 'rotunda-agent-'));
  const command = [
    ...[process.execPath, MAIN, 'agent', '--server', server, '--name', name, '--executor', 'host'],
    ...['--directory', directory, ...args],
  ];
  const [program, ...rest] = network ? ['ip', 'netns', 'exec', network, ...command] : command;
  const child = spawn(program!, rest, {
    env: { PATH: process.env['PATH'], HOME: directory, ROTUNDA_AGENT_TOKEN: token },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (log += text));
  const ended = (limitMs = 60_000) =>
    until(`the agent ${name} to end`, limitMs, () =>
      child.exitCode !== null || child.signalCode !== null ? { code: child.exitCode } : undefined,
    ).then(
      ({ code }) => code,
      (error: unknown) => {
        throw new Error(`${String(error)}:\n${log}`);
      },
    );
  return {
    child,
    directory,
    log: () => log,
    ended,
    stop: async () => {
      child.kill('SIGKILL');
      await ended(10_000);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** What a command of `rotunda admin` prints beside a server that runs, by its data directory. */
export async function admin(dataDirectory: string, ...args: string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: tmpdir(), ROTUNDA_DATA_DIR: dataDirectory };
  const { stdout } = await run(process.execPath, [MAIN, 'admin', ...args], { env, timeout: 60_000 });
  return stdout;
}

export interface TestNetwork {
  /** The network namespace: the other machine. */
  name: string;
  /** The address of this machine as the other one sees it. */
  here: string;
  cut(): void;
  mend(): void;
  remove(): void;
}

/** A network namespace with a cable to this one. Throws where that is not allowed: it needs root. */
export function makeNetwork(): TestNetwork {
  const id = randomBytes(3).toString('hex');
  const [name, cable, far] = [`rot-${id}`, `rot${id}a`, `rot${id}b`];
  const subnet = `10.${200 + (parseInt(id.slice(0, 2), 16) % 50)}.${parseInt(id.slice(2, 4), 16)}`;
  const ip = (...args: string[]) =>
    execFileSync('ip', args, { timeout: 10_000, stdio: ['ignore', 'ignore', 'pipe'] });
  ip('netns', 'add', name);
  const remove = () => ip('netns', 'delete', name);
  try {
    ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', far, 'netns', name);
    ip('address', 'add', `${subnet}.1/30`, 'dev', cable);
    ip('link', 'set', cable, 'up');
    ip('-n', name, 'address', 'add', `${subnet}.2/30`, 'dev', far);
    ip('-n', name, 'link', 'set', far, 'up');
    ip('-n', name, 'link', 'set', 'lo', 'up');
  } catch (error) {
    remove();
    throw error;
  }
  const set = (state: 'up' | 'down') => ip('link', 'set', cable, state);
  return { name, here: `${subnet}.1`, cut: () => set('down'), mend: () => set('up'), remove };
}

/** Whether this user may make network namespaces. */
export function mayMakeNetworks(): boolean {
  try {
    makeNetwork().remove();
    return true;
  } catch {
    return false;
  }
}
