// Amazon ECR: a login for twelve hours, for keys or for a role that trusts the job's identity token (LANGUAGE C-199).
// Two signed requests instead of the vendor's client, which is 15 MB and 40 packages for them.
import { ExecutorError } from '../../executor.port.js';
import { askJson, requiredIdentityToken, valueOf } from './registry-login.js';
import type { Login, LoginRequest, RegistryLogin } from './registry-login.js';
import { signed, type AwsKeys } from './sigv4.js';

const HOST = /^\d{12}\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.(amazonaws\.com(?:\.cn)?)$/;
const TARGET = 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken';

export interface EcrLoginOptions {
  /** Stand-ins for AWS, for tests: where the two services answer, and the registries that are taken for ECR. */
  standIn?: { ecr: string; sts: string; registry: string; region: string };
  now?(): Date;
}

export class EcrLogin implements RegistryLogin {
  readonly name = 'ECR';

  constructor(private readonly options: EcrLoginOptions = {}) {}

  covers(registry: string): boolean {
    return HOST.test(registry) || registry === this.options.standIn?.registry;
  }

  async login(request: LoginRequest): Promise<Login | undefined> {
    const place = this.placeOf(request.registry);
    const keys = await this.keysFor(request, place);
    if (keys === undefined) return undefined;
    const body = '{}';
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': TARGET };
    const now = this.options.now?.() ?? new Date();
    const scope = { region: place.region, service: 'ecr' };
    const answer = await askJson(
      'Amazon ECR',
      place.ecr,
      { headers: signed({ method: 'POST', url: place.ecr, headers, body }, keys, scope, now), body },
      request.signal,
    );
    const [data] = (answer['authorizationData'] ?? []) as { authorizationToken?: string }[];
    const [username, password] = splitOnce(
      Buffer.from(data?.authorizationToken ?? '', 'base64').toString(),
      ':',
    );
    if (!username || !password) throw new ExecutorError('Amazon ECR gave no login.');
    return { username, password };
  }

  private async keysFor(
    request: LoginRequest,
    place: { sts: URL; region: string },
  ): Promise<AwsKeys | undefined> {
    const { environment, image } = request;
    const { awsAuth } = image;
    const read = (name: string): string | undefined => {
      const written = awsAuth?.[name];
      return written === undefined ? undefined : valueOf(written, request, name);
    };
    const role = read('oidc_role_arn');
    if (role !== undefined) return this.assume(role, request, place);
    const accessKeyId = read('aws_access_key_id') ?? environment['AWS_ACCESS_KEY_ID'];
    const secretAccessKey = read('aws_secret_access_key') ?? environment['AWS_SECRET_ACCESS_KEY'];
    if (!accessKeyId || !secretAccessKey) {
      if (!awsAuth) return undefined;
      const missing = accessKeyId ? 'aws_secret_access_key' : 'aws_access_key_id';
      throw new ExecutorError(`The aws_auth of the image ${image.image} has no ${missing}.`, 'failed');
    }
    // A session's token belongs to the keys of the environment, not to those of the config.
    const sessionToken = awsAuth ? undefined : environment['AWS_SESSION_TOKEN'];
    return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  }

  /** Keys for an hour, for the identity token. */
  private async assume(role: string, request: LoginRequest, place: { sts: URL }): Promise<AwsKeys> {
    const token = requiredIdentityToken(request, 'oidc_role_arn');
    const body = new URLSearchParams({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: role,
      RoleSessionName: 'rotunda',
      WebIdentityToken: token,
    }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
    const answer = await askJson('AWS STS', place.sts, { headers, body }, request.signal);
    const keys = credentialsIn(answer);
    if (!keys) throw new ExecutorError('AWS STS gave no keys.');
    return keys;
  }

  private placeOf(registry: string): { ecr: URL; sts: URL; region: string } {
    const { standIn } = this.options;
    const [, region = '', domain = 'amazonaws.com'] = HOST.exec(registry) ?? [];
    if (standIn?.registry === registry)
      return { ecr: new URL(standIn.ecr), sts: new URL(standIn.sts), region: standIn.region };
    return {
      ecr: new URL(`https://api.ecr.${region}.${domain}/`),
      sts: new URL(`https://sts.${region}.${domain}/`),
      region,
    };
  }
}

interface StsAnswer {
  AssumeRoleWithWebIdentityResponse?: {
    AssumeRoleWithWebIdentityResult?: {
      Credentials?: { AccessKeyId?: string; SecretAccessKey?: string; SessionToken?: string };
    };
  };
}

function credentialsIn(answer: Record<string, unknown>): AwsKeys | undefined {
  const found = (answer as StsAnswer).AssumeRoleWithWebIdentityResponse?.AssumeRoleWithWebIdentityResult
    ?.Credentials;
  if (!found?.AccessKeyId || !found.SecretAccessKey || !found.SessionToken) return undefined;
  return {
    accessKeyId: found.AccessKeyId,
    secretAccessKey: found.SecretAccessKey,
    sessionToken: found.SessionToken,
  };
}

function splitOnce(text: string, by: string): [string, string] {
  const at = text.indexOf(by);
  return at < 0 ? ['', ''] : [text.slice(0, at), text.slice(at + by.length)];
}
