// Runs the steps of a job in containers of a Docker engine (LANGUAGE C-198 to C-205).
import { hostname } from 'node:os';
import { posix } from 'node:path';
import type Docker from 'dockerode';
import type { DockerImage } from '../../../../pipelines/config/index.js';
import {
  ExecutorError,
  type ExecutionEnvironment,
  type Executor,
  type PrepareRequest,
} from '../executor.port.js';
import { TaskContainers } from './containers.js';
import { DockerEnvironment } from './docker-environment.js';
import { connect, EngineAbortError, engineInfo, engineVersion, reasonOf } from './engine.js';
import { ContainerFiles, type JobUser } from './files.js';
import { ensureImage, parseReference, type PullLimits } from './image.js';
import { isLeftBehind, labelsOf, startOf, thisOwner } from './owner.js';
import { removeTasks } from './removal.js';
import { EcrLogin, GcpLogin, type RegistryLogin } from './registry-login/index.js';
import { limitsOf } from './resource-classes.js';
import { runScript } from './script-run.js';
import { PROBE } from './scripts.js';
import { lastLines, untilEnd } from './watch.js';

export interface DockerExecutorOptions {
  /** Tells the containers of this agent from those of others at the same engine; the host's name by default. */
  agent?: string;
  /** The engine; by default the one at DOCKER_HOST or the usual socket. */
  docker?: Docker;
  pull?: Partial<PullLimits>;
  /** Clouds that give a login for their registries: ECR and Google by default. */
  logins?: readonly RegistryLogin[];
}

const PULL_LIMITS: PullLimits = { totalMs: 3_600_000, stallMs: 300_000 };
const SERVICE_LOG_LINES = 20;

export class DockerExecutor implements Executor {
  readonly name = 'docker';
  private readonly agent: string;
  private readonly owner = thisOwner();
  private readonly pullLimits: PullLimits;
  private readonly logins: readonly RegistryLogin[];
  private client: Docker | undefined;

  constructor(options: DockerExecutorOptions = {}) {
    this.agent = options.agent ?? hostname();
    this.client = options.docker;
    this.logins = options.logins ?? [new EcrLogin(), new GcpLogin()];
    this.pullLimits = { ...PULL_LIMITS, ...options.pull };
  }

  async available(): Promise<{ ok: true; detail: string } | { ok: false; reason: string }> {
    try {
      const version = await engineVersion(this.docker(), 1800);
      if (version.Os !== 'linux')
        return { ok: false, reason: `the Docker engine runs ${version.Os} containers` };
      return { ok: true, detail: `Docker Engine ${version.Version} (${version.Os}/${version.Arch})` };
    } catch (error) {
      return { ok: false, reason: `no Docker engine answers: ${reasonOf(error)}` };
    }
  }

  async prepare(request: PrepareRequest): Promise<ExecutionEnvironment> {
    const watching = new AbortController();
    const remove = (): Promise<void> => removeTasks(this.docker(), () => true, request.taskId);
    try {
      if (request.signal.aborted) throw new EngineAbortError('prepare');
      await remove();
      return await this.make(request, watching, remove);
    } catch (error) {
      watching.abort();
      // A container whose making was cut short may appear a moment later: cleanUp() finds it by its label.
      await remove().catch(() => undefined);
      if (error instanceof ExecutorError) throw error;
      if (error instanceof EngineAbortError)
        throw new ExecutorError('The job was stopped before it had started.');
      throw new ExecutorError(`Cannot make the containers: ${reasonOf(error)}`);
    }
  }

  async cleanUp(alive: ReadonlySet<string>): Promise<void> {
    await this.sweep(alive);
  }

  async sweep(alive: { has(taskId: string): boolean }): Promise<void> {
    const { agent, owner } = this;
    const sweeper = { agent, owner, alive, nowSeconds: Date.now() / 1000, startOf };
    await removeTasks(this.docker(), (found) => isLeftBehind(found, sweeper));
  }

  private async make(
    request: PrepareRequest,
    watching: AbortController,
    remove: () => Promise<void>,
  ): Promise<ExecutionEnvironment> {
    const { definition, signal, log } = request;
    if (definition.executor.type !== 'docker') {
      throw new ExecutorError(
        `A ${definition.executor.type} job cannot run in the Docker executor.`,
        'failed',
      );
    }
    const [first, ...services] = definition.executor.images;
    if (!first) throw new ExecutorError('The job names no image.', 'failed');

    const docker = this.docker();
    const images = definition.executor.images;
    const infos: Docker.ImageInspectInfo[] = [];
    for (const image of images) {
      log(`Starting container ${image.image}\n`);
      const { environment } = request;
      const { pullLimits: limits, logins } = this;
      infos.push(await ensureImage(docker, { image, environment, log, signal, limits, logins }));
    }
    const engine = await engineInfo(docker, { signal });
    const containers = new TaskContainers(docker, {
      taskId: request.taskId,
      labels: labelsOf({ ...request, agent: this.agent, owner: this.owner }, Date.now() / 1000),
      limits: limitsOf(definition.resourceClass, { cpus: engine.NCPU, memory: engine.MemTotal }),
      init: Boolean(engine.InitBinary),
      hostNames: images.flatMap((image) => image.name ?? []),
      serviceEnvironment: request.environment,
      signal,
    });
    const network = await containers.createNetwork();
    const primary = await containers.startPrimary(
      pinned(first),
      infos[0] as Docker.ImageInspectInfo,
      network,
    );
    const user = await probe(primary, first, signal);
    for (const [index, image] of services.entries()) {
      const service = await containers.startService(pinned(image), index + 1, primary);
      reportEarlyEnd(service, image, watching.signal, log);
    }

    const files = new ContainerFiles(primary, user, user.hasTar);
    const workingDirectory = expandHome(definition.workingDirectory, user.home);
    try {
      await files.mkdir(workingDirectory, signal);
    } catch (error) {
      if (error instanceof EngineAbortError) throw error;
      const message = `Cannot make the working directory ${workingDirectory}: ${reasonOf(error)}`;
      throw new ExecutorError(message, 'failed');
    }
    const imageEnvironment = Object.fromEntries((infos[0]?.Config.Env ?? []).map(splitVariable));
    return new DockerEnvironment({
      primary,
      image: first.image,
      user,
      files,
      home: user.home,
      workingDirectory,
      baseEnvironment: { ...imageEnvironment, ...first.environment, PATH: user.path, HOME: user.home },
      description: images
        .map((image, i) => `${image.image} (${infos[i]?.RepoDigests?.[0] ?? infos[i]?.Id})`)
        .join('\n'),
      watching,
      remove,
    });
  }

  private docker(): Docker {
    this.client ??= connect();
    return this.client;
  }
}

/** The same image with a tag in any case, as it was looked for and pulled. */
function pinned(image: DockerImage): DockerImage {
  return { ...image, image: parseReference(image.image).full };
}

interface ProbedUser extends JobUser {
  home: string;
  path: string;
  hasTar: boolean;
}

/**
 * Asks the primary container who the job's user is. Throws ExecutorError when it has no such user or ended at
 * once.
 */
async function probe(
  primary: Docker.Container,
  image: DockerImage,
  signal: AbortSignal,
): Promise<ProbedUser> {
  try {
    const output = await runScript(primary, { script: PROBE, args: [], user: image.user }, signal);
    const [uid, gid, home, path, tar] = output.split('\0');
    return {
      name: image.user,
      uid: Number(uid),
      gid: Number(gid),
      home: home || '/',
      path: path || '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      hasTar: Boolean(tar),
    };
  } catch (error) {
    if (error instanceof EngineAbortError) throw error;
    const said = await lastLines(primary, SERVICE_LOG_LINES).catch(() => '');
    const message = `The container of ${image.image} cannot run commands: ${reasonOf(error)}`;
    throw new ExecutorError(said ? `${message}\n${said.trim()}` : message, 'failed');
  }
}

/** Tells the log when a service container ends while the job still runs; the job itself goes on. */
function reportEarlyEnd(
  service: Docker.Container,
  image: DockerImage,
  signal: AbortSignal,
  log: (text: string) => void,
): void {
  void untilEnd(service, image.image, signal)
    .then(async (reason) => {
      if (signal.aborted) return;
      const said = await lastLines(service, SERVICE_LOG_LINES).catch(() => '');
      log(`Container ${image.name ?? image.image}: ${reason}\n${said}`);
    })
    .catch(() => undefined);
}

/** `~` and `~/x` below `home`; anything else counts from the root (LANGUAGE C-212). */
function expandHome(path: string, home: string): string {
  const absolute =
    path === '~' || path.startsWith('~/') ? posix.join(home, path.slice(1)) : posix.join('/', path);
  return posix.normalize(absolute).replace(/(.)\/$/, '$1');
}

function splitVariable(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
