// The agent that comes with the server: by default a process of its own, so that jobs live on when the server crashes or
// is started again; or inside the server, for a run that is to leave nothing behind.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Settings } from '../../config/settings.js';
import { pause } from '../platform/followers/leader-lock.js';
import type { Logger } from '../platform/telemetry/logger.js';

export interface BuiltInAgent {
  /** Waits up to `graceMs` for running tasks, then ends them. */
  stop(graceMs: number): Promise<void>;
}

export interface BuiltInAgentOptions {
  settings: Settings;
  serverUrl: string;
  token: string;
  logger: Logger;
}

export async function startBuiltInAgent(options: BuiltInAgentOptions): Promise<BuiltInAgent> {
  return options.settings.agentMode === 'inline' ? startInline(options) : startProcess(options);
}

async function startInline({
  settings,
  serverUrl,
  token,
  logger,
}: BuiltInAgentOptions): Promise<BuiltInAgent> {
  const directory = join(settings.dataDirectory, 'agent');
  await mkdir(directory, { recursive: true });
  // Loaded here: as a process of its own the agent is no business of the server's memory and start.
  const { makeAgent } = await import('./make-agent.js');
  const agent = await makeAgent({
    serverUrl,
    token,
    directory,
    capacity: settings.agentCapacity,
    executor: settings.agentExecutor,
    resourceClasses: ['*'],
    builtIn: true,
    logger,
  });
  await agent.start();
  return { stop: (graceMs) => agent.drain(graceMs) };
}

/**
 * One that outlived a killed server is kept: it finishes its tasks against the new one, which must listen on the same
 * port. With another port it is ended first.
 */
async function startProcess({
  settings,
  serverUrl,
  token,
  logger,
}: BuiltInAgentOptions): Promise<BuiltInAgent> {
  const directory = join(settings.dataDirectory, 'agent');
  await mkdir(directory, { recursive: true });
  const noteFile = join(directory, 'process.json');
  const note = await readNote(noteFile);
  if (note && (await isAgent(note.pid))) {
    if (note.serverUrl === serverUrl) {
      logger.info({ pid: note.pid }, 'the agent of the earlier server goes on');
      return { stop: (graceMs) => endProcess(note.pid, graceMs) };
    }
    await endProcess(note.pid, settings.shutdownGrace);
  }
  const child = await spawnAgent(settings, serverUrl, token, directory);
  await writeFile(noteFile, JSON.stringify({ pid: child.pid, serverUrl }));
  return {
    stop: async (graceMs) => {
      await endProcess(child.pid!, graceMs);
      await rm(noteFile, { force: true });
    },
  };
}

async function spawnAgent(
  settings: Settings,
  serverUrl: string,
  token: string,
  directory: string,
): Promise<ChildProcess> {
  const main = fileURLToPath(new URL('../cli/main.js', import.meta.url));
  const log = await open(join(directory, 'agent.log'), 'a', 0o600);
  const args = [
    'agent',
    '--server',
    serverUrl,
    '--directory',
    directory,
    '--capacity',
    String(settings.agentCapacity),
    '--executor',
    settings.agentExecutor,
    '--built-in',
  ];
  // The token goes by the environment, which only this user can read; arguments are seen by everybody.
  const env = {
    ...withoutSettings(process.env),
    ROTUNDA_AGENT_TOKEN: token,
    ROTUNDA_LOG_LEVEL: settings.logLevel,
  };
  const child = spawn(process.execPath, ['--max-semi-space-size=4', main, ...args], {
    env,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  child.unref();
  await log.close();
  return child;
}

/** The server's settings are not for jobs: some are secret. */
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([name]) => !name.startsWith('ROTUNDA_') && name !== 'DATABASE_URL' && name !== 'REDIS_URL',
    ),
  );
}

async function readNote(file: string): Promise<{ pid: number; serverUrl: string } | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}

async function isAgent(pid: number): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return command.includes('main.js\0agent\0');
}

async function endProcess(pid: number, graceMs: number): Promise<void> {
  const deadline = Date.now() + graceMs + 10_000;
  if (!(await isAgent(pid))) return;
  process.kill(pid, 'SIGTERM');
  while (await isAgent(pid)) {
    if (Date.now() > deadline) return void process.kill(pid, 'SIGKILL');
    await pause(20);
  }
}
