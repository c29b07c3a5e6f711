// Images: reading a reference, credentials for its registry, and pulling it when the engine does not have it.
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { DockerImage } from '../../../../pipelines/config/index.js';
import { ExecutorError } from '../executor.port.js';
import { call, EngineAbortError, EngineTimeoutError, isGone, reasonOf, statusOf } from './engine.js';

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

export interface Credentials {
  username: string;
  password: string;
  serveraddress: string;
}

/**
 * Credentials with `$NAME` and `${NAME}` taken from `environment` (LANGUAGE C-200). Throws ExecutorError when
 * such a variable is not set; the message names the variable, never a value.
 */
export function credentialsFor(
  image: DockerImage,
  environment: Record<string, string>,
): Credentials | undefined {
  if (!image.auth) return undefined;
  const { registry } = parseReference(image.image);
  const value = (field: 'username' | 'password'): string => {
    const text = image.auth?.[field] ?? '';
    const name = /^\$(?:(\w+)|\{(\w+)\})$/.exec(text);
    if (!name) return text;
    const variable = name[1] ?? name[2] ?? '';
    const found = environment[variable];
    if (found === undefined || found === '') {
      const message = `The ${field} for the image ${image.image} is $${variable}, and that variable is not set.`;
      throw new ExecutorError(message, 'failed');
    }
    return found;
  };
  return {
    username: value('username'),
    password: value('password'),
    serveraddress: registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry,
  };
}

export interface PullRequest {
  image: DockerImage;
  environment: Record<string, string>;
  log(text: string): void;
  signal: AbortSignal;
  limits: PullLimits;
}

/**
 * Makes the engine have the image; pulls it when it does not. Returns what the engine knows about it. Throws
 * ExecutorError: `failed` when the registry does not have it or refuses, `infrastructure_fail` when it does
 * not answer.
 */
export async function ensureImage(docker: Docker, request: PullRequest): Promise<Docker.ImageInspectInfo> {
  const { image, log, signal } = request;
  const { full, registry } = parseReference(image.image);
  const auth = credentialsFor(image, request.environment);
  let info = await inspect(docker, full, signal);
  if (!info) {
    if (image.awsAuth && !auth) log(`aws_auth of ${image.image} is not used: pulling without credentials.\n`);
    log(`  image not found on this host, downloading ${image.image}\n`);
    try {
      await pull(docker, full, auth, request);
      info = await inspect(docker, full, signal);
    } catch (error) {
      throw pullError(image.image, registry, error, auth?.password);
    }
    if (!info) throw new ExecutorError(`The image ${image.image} was pulled and is gone again.`);
  }
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
    for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) {
      watch();
      const lines = (text + chunk).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) progress(line, log);
    }
    progress(text, log);
  } finally {
    clearTimeout(stall);
    clearTimeout(total);
    signal.removeEventListener('abort', onAbort);
    stream.destroy();
  }
}

/** One line of the engine's progress report. Bars and byte counts are left out: a log is not a terminal. */
function progress(line: string, log: (text: string) => void): void {
  if (line.trim() === '') return;
  const word = JSON.parse(line) as { id?: string; status?: string; error?: string; progress?: string };
  if (word.error !== undefined) throw new Error(word.error);
  if (!word.status || word.progress || /^(Downloading|Extracting|Waiting|Verifying)/.test(word.status))
    return;
  log(`${word.id ? `${word.id}: ` : ''}${word.status}\n`);
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
