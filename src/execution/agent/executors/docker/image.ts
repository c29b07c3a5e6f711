// Images: reading a reference, credentials for its registry, and pulling it when the engine does not have it.
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { DockerImage } from '../../../../pipelines/config/index.js';
import { ExecutorError } from '../executor.port.js';
import { call, EngineAbortError, EngineTimeoutError, isGone, reasonOf, statusOf } from './engine.js';
import { PullProgress } from './pull-progress.js';
import { valueOf, type RegistryLogin } from './registry-login/index.js';

const DOCKER_HUB = 'https://index.docker.io/v1/';

export interface PullLimits {
  /** Milliseconds for the whole pull. */
  totalMs: number;
  /** Milliseconds without any word from the registry. */
  stallMs: number;
}

export interface ImageReference {
  /** Host (and port) of the registry; `docker.io` by default. */
  registry: string;
  /** As the engine wants it: always with a tag or a digest, since without one it would pull every tag. */
  full: string;
}

/** Reads `name`, `name:tag`, `name@sha256:…` and `host[:port]/name…` (LANGUAGE C-205). */
export function parseReference(image: string): ImageReference {
  const slash = image.indexOf('/');
  const first = slash < 0 ? '' : image.slice(0, slash);
  const registry = first === 'localhost' || /[.:]/.test(first) ? first : 'docker.io';
  const tagged = image.includes('@') || image.lastIndexOf(':') > image.lastIndexOf('/');
  return { registry, full: tagged ? image : `${image}:latest` };
}

/** A registry that has the image already here may be silent for so long, in ms: then the job does without it. */
const REFRESH_STALL_MS = 30_000;

export interface Credentials {
  username: string;
  password: string;
  serveraddress: string;
}

/**
 * Credentials for an image's registry: its `auth` with variables filled in (LANGUAGE C-200), or what the cloud that has the
 * registry gives for `aws_auth`, `gcp_auth` or the variables that stand in for them (C-199). Undefined when nothing says
 * whose. Throws ExecutorError; the message names a variable that is not set, never a value.
 */
export async function credentialsFor(
  image: DockerImage,
  environment: Record<string, string>,
  logins: readonly RegistryLogin[],
  signal: AbortSignal,
): Promise<Credentials | undefined> {
  const { registry } = parseReference(image.image);
  const request = { image, registry, environment, signal };
  const login = image.auth
    ? {
        username: valueOf(image.auth.username, request, 'username'),
        password: valueOf(image.auth.password, request, 'password'),
      }
    : await logins.find((candidate) => candidate.covers(registry))?.login(request);
  return login && { ...login, serveraddress: registry === 'docker.io' ? DOCKER_HUB : registry };
}

export interface PullRequest {
  image: DockerImage;
  environment: Record<string, string>;
  log(text: string): void;
  signal: AbortSignal;
  limits: PullLimits;
  logins: readonly RegistryLogin[];
}

/**
 * Makes the engine have the image, as the registry has it now. Returns what the engine knows about it. An image that was
 * pulled before under a tag is asked for again: the tag may have moved, and whoever may not pull it must not get it because
 * another project could. One that was made on this machine, is taken as it is. When the registry does not answer, what there is will do. Throws ExecutorError: `failed` when the registry
 * does not have it or refuses, `infrastructure_fail` when it does not answer.
 */
export async function ensureImage(docker: Docker, request: PullRequest): Promise<Docker.ImageInspectInfo> {
  const { image, log, signal, limits } = request;
  const { full, registry } = parseReference(image.image);
  const cached = await inspect(docker, full, signal);
  const local = cached && (cached.RepoDigests ?? []).length === 0;
  let info = cached;
  if (!local) {
    if (cached) log(`  image is cached as ${full}, but refreshing...\n`);
    else log(`  image not found on this host, downloading ${image.image}\n`);
    let auth: Credentials | undefined;
    try {
      auth = await credentialsFor(image, request.environment, request.logins, signal);
      const stallMs = cached ? Math.min(limits.stallMs, REFRESH_STALL_MS) : limits.stallMs;
      await pull(docker, full, auth, { ...request, limits: { ...limits, stallMs } });
      info = await inspect(docker, full, signal);
    } catch (error) {
      const fault =
        error instanceof ExecutorError ? error : pullError(image.image, registry, error, auth?.password);
      if (!cached || !(fault instanceof ExecutorError) || fault.kind === 'failed' || signal.aborted)
        throw fault;
      log(`  ${fault.message}\n  The copy of this host is used.\n`);
    }
    if (!info) throw new ExecutorError(`The image ${image.image} was pulled and is gone again.`);
  }
  if (!info) throw new ExecutorError(`The image ${image.image} is gone.`);
  log(`  using image ${info.RepoDigests?.[0] ?? `${full} (${info.Id})`}\n`);
  return info;
}

async function inspect(
  docker: Docker,
  full: string,
  signal: AbortSignal,
): Promise<Docker.ImageInspectInfo | undefined> {
  try {
    return await call('inspect image', () => docker.getImage(full).inspect(), { signal });
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

async function pull(
  docker: Docker,
  full: string,
  authconfig: Credentials | undefined,
  { log, signal, limits }: PullRequest,
): Promise<void> {
  // The engine does not answer before the registry does, so the first wait is a stall as well.
  const stream = (await call('pull image', (abortSignal) => docker.pull(full, { authconfig, abortSignal }), {
    signal,
    timeoutMs: limits.stallMs,
  })) as unknown as Readable;
  let stall: NodeJS.Timeout | undefined;
  const cut = (error: Error): void => void stream.destroy(error);
  const watch = (): void => {
    clearTimeout(stall);
    stall = setTimeout(() => cut(new EngineTimeoutError('pull image', limits.stallMs)), limits.stallMs);
  };
  const total = setTimeout(() => cut(new EngineTimeoutError('pull image', limits.totalMs)), limits.totalMs);
  const onAbort = (): void => cut(new EngineAbortError('pull image'));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  watch();
  try {
    let text = '';
    const progress = new PullProgress(log, () => performance.now());
    for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) {
      watch();
      const lines = (text + chunk).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) progress.read(line);
    }
    progress.read(text);
  } finally {
    clearTimeout(stall);
    clearTimeout(total);
    signal.removeEventListener('abort', onAbort);
    stream.destroy();
  }
}

const USERS_FAULT =
  /not found|manifest unknown|denied|unauthorized|no basic auth|incorrect username|invalid reference|does not exist|no matching manifest/i;

function pullError(image: string, registry: string, error: unknown, password: string | undefined): Error {
  if (error instanceof EngineAbortError) return error;
  let reason = reasonOf(error).replace(/^Error response from daemon: /, '');
  if (password) reason = reason.replaceAll(password, '****');
  const status = statusOf(error);
  const usersFault = status === 404 || status === 400 || USERS_FAULT.test(reason);
  return new ExecutorError(
    `Cannot pull the image ${image} from ${registry}: ${reason}`,
    usersFault ? 'failed' : 'infrastructure_fail',
  );
}
