// How credentials for a registry are come by: as written in the config, or from the cloud that has the registry.
import type { DockerImage } from '../../../../../pipelines/config/index.js';
import { ExecutorError } from '../../executor.port.js';

export interface Login {
  username: string;
  /** Secret. */
  password: string;
}

export interface LoginRequest {
  image: DockerImage;
  /** Host and port. */
  registry: string;
  /** Variables of the project, the contexts and the server. */
  environment: Readonly<Record<string, string>>;
  signal: AbortSignal;
}

/** A cloud whose registries want a login that is made for the moment. */
export interface RegistryLogin {
  /** For people: `ECR`. */
  readonly name: string;
  covers(registry: string): boolean;
  /**
   * The login, or undefined when neither the image nor the environment says whose. Throws ExecutorError when it
   * says so and there is none; no message has a secret in it.
   */
  login(request: LoginRequest): Promise<Login | undefined>;
}

/** A value of `auth`, `aws_auth` or `gcp_auth`: `$NAME` and `${NAME}` are taken from the environment (LANGUAGE C-200). */
export function valueOf(
  written: string,
  { image, environment }: Pick<LoginRequest, 'image' | 'environment'>,
  what: string,
): string {
  const name = /^\$(?:(\w+)|\{(\w+)\})$/.exec(written);
  if (!name) return written;
  const variable = name[1] ?? name[2] ?? '';
  const found = environment[variable];
  if (found !== undefined && found !== '') return found;
  const message = `The ${what} for the image ${image.image} is $${variable}, and that variable is not set.`;
  throw new ExecutorError(message, 'failed');
}

const CALL_MS = 30_000;
const LONGEST_ANSWER = 1_000_000;

/** Sends one request with JSON as the answer, within 30 s. Throws ExecutorError with the service's own words. */
export async function askJson(
  service: string,
  url: URL,
  init: { headers: Record<string, string>; body: string },
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  let status: number;
  let text: string;
  try {
    const answer = await fetch(url, {
      method: 'POST',
      redirect: 'error',
      ...init,
      signal: AbortSignal.any([signal, AbortSignal.timeout(CALL_MS)]),
    });
    status = answer.status;
    text = (await answer.text()).slice(0, LONGEST_ANSWER);
  } catch (error) {
    if (signal.aborted) throw new ExecutorError('The job was stopped before it had started.');
    const cause = (error as { cause?: { message?: string } }).cause?.message ?? (error as Error).message;
    throw new ExecutorError(`${service} (${url.host}) does not answer: ${cause}`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  if (status >= 200 && status < 300 && typeof json === 'object' && json !== null)
    return json as Record<string, unknown>;
  const kind = status >= 500 || status === 429 ? 'infrastructure_fail' : 'failed';
  const said = messageIn(json);
  throw new ExecutorError(`${service} (${url.host}) answers ${status}${said ? `: ${said}` : ''}`, kind);
}

/** The forms in which AWS and Google say what is wrong. */
function messageIn(json: unknown): string | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const answer = json as Record<string, unknown>;
  const inner = answer['Error'] ?? answer['error'];
  if (typeof inner === 'object' && inner !== null) return messageIn(inner);
  const words = [answer['message'], answer['Message'], answer['error_description'], inner];
  return words.find((word): word is string => typeof word === 'string' && word !== '');
}

/** The identity token of the job; undefined when the server gives none. */
export function identityToken(environment: Readonly<Record<string, string>>): string | undefined {
  return environment['CIRCLE_OIDC_TOKEN_V2'] || environment['CIRCLE_OIDC_TOKEN'] || undefined;
}

/** Throws what a user can act on when an image asks for a login by identity token and there is none. */
export function requiredIdentityToken({ image, environment }: LoginRequest, what: string): string {
  const token = identityToken(environment);
  if (token !== undefined) return token;
  throw new ExecutorError(
    `The image ${image.image} is to be pulled with ${what}, which needs the job's CIRCLE_OIDC_TOKEN_V2, and this server gave the job none.`,
    'failed',
  );
}
