// Puts an agent together: which executors it has, where it keeps things.
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Agent, FakeExecutor, HostExecutor, type Executor } from '../execution/agent/index.js';
import type { Logger } from '../platform/telemetry/logger.js';
import { programVersion } from '../platform/telemetry/version.js';

export interface AgentSetup {
  serverUrl: string;
  token: string;
  /** For homes of jobs and for output on its way. */
  directory: string;
  capacity: number;
  executor: 'auto' | 'docker' | 'host' | 'fake';
  /** `*` for all. */
  resourceClasses: string[];
  name?: string;
  labels?: Record<string, string>;
  /** It is the server's own: its directory is `agent` in the server's data directory. */
  builtIn?: boolean;
  logger: Logger;
}

export async function makeAgent(setup: AgentSetup): Promise<Agent> {
  const { serverUrl, token, directory, capacity, resourceClasses, logger } = setup;
  const host = new HostExecutor({ workRoot: join(directory, 'work') });
  return new Agent({
    serverUrl,
    token,
    name: setup.name ?? hostname(),
    resourceClasses,
    labels: setup.labels,
    version: programVersion(),
    executors: await executorsFor(setup.executor, host),
    capacity,
    spoolDirectory: join(directory, 'spool'),
    sameMachine: setup.builtIn ?? false,
    logger,
  });
}

/** By the type of a job: what can run it, in order of preference. */
async function executorsFor(
  choice: AgentSetup['executor'],
  host: HostExecutor,
): Promise<{ docker: Executor[]; machine: Executor[] }> {
  const docker = choice === 'auto' || choice === 'docker' ? [await dockerExecutor()] : [];
  const shell = choice === 'auto' || choice === 'host' ? [host] : [];
  const fake = choice === 'fake' ? [new FakeExecutor()] : [];
  return { docker: [...docker, ...shell, ...fake], machine: [...shell, ...fake] };
}

/** Loaded only where it is wanted: the Docker client is 300 files. */
async function dockerExecutor(): Promise<Executor> {
  const { DockerExecutor } = await import('../execution/agent/executors/docker/index.js');
  return new DockerExecutor();
}
