// Google's registries: the job's identity token is changed for an access token of a service account (LANGUAGE C-199).
import { ExecutorError } from '../../executor.port.js';
import { askJson, identityToken, requiredIdentityToken, valueOf } from './registry-login.js';
import type { Login, LoginRequest, RegistryLogin } from './registry-login.js';

const HOST = /^(?:[a-z0-9-]+\.)?gcr\.io$|^[a-z0-9-]+-docker\.pkg\.dev$/;
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const JSON_TYPE = { 'content-type': 'application/json' };
/** Key of `gcp_auth` to the variable that stands in for it. */
const FIELDS = {
  oidc_service_account: 'GCP_OIDC_SERVICE_ACCOUNT',
  workload_identity_pool: 'GCP_WORKLOAD_IDENTITY_POOL',
  workload_identity_provider: 'GCP_WORKLOAD_IDENTITY_PROVIDER',
} as const;

export interface GcpLoginOptions {
  /** Stand-ins for Google's services, for tests. */
  standIn?: { sts: string; iam: string; registry: string };
}

export class GcpLogin implements RegistryLogin {
  readonly name = 'Google';

  constructor(private readonly options: GcpLoginOptions = {}) {}

  covers(registry: string): boolean {
    return HOST.test(registry) || registry === this.options.standIn?.registry;
  }

  async login(request: LoginRequest): Promise<Login | undefined> {
    const fields = this.fieldsOf(request);
    if (fields === undefined) return undefined;
    const token = requiredIdentityToken(request, 'gcp_auth');
    const { standIn } = this.options;
    const sts = new URL('/v1/token', standIn?.sts ?? 'https://sts.googleapis.com');
    const exchanged = await askJson(
      "Google's token service",
      sts,
      {
        headers: JSON_TYPE,
        body: JSON.stringify({
          grantType: 'urn:ietf:params:oauth:grant-type:token-exchange',
          requestedTokenType: 'urn:ietf:params:oauth:token-type:access_token',
          subjectTokenType: 'urn:ietf:params:oauth:token-type:jwt',
          audience: audienceOf(fields, request.image.image),
          scope: SCOPE,
          subjectToken: token,
        }),
      },
      request.signal,
    );
    const account = encodeURIComponent(fields.oidc_service_account);
    const iam = new URL(
      `/v1/projects/-/serviceAccounts/${account}:generateAccessToken`,
      standIn?.iam ?? 'https://iamcredentials.googleapis.com',
    );
    const answer = await askJson(
      "Google's IAM service",
      iam,
      {
        headers: { ...JSON_TYPE, authorization: `Bearer ${String(exchanged['access_token'])}` },
        body: JSON.stringify({ scope: [SCOPE] }),
      },
      request.signal,
    );
    const password = answer['accessToken'];
    if (typeof password !== 'string' || password === '')
      throw new ExecutorError("Google's IAM service gave no access token.");
    return { username: 'oauth2accesstoken', password };
  }

  /** All three, or undefined when the image says nothing and the environment lacks something. */
  private fieldsOf(request: LoginRequest): Record<keyof typeof FIELDS, string> | undefined {
    const { environment, image } = request;
    const found: Partial<Record<keyof typeof FIELDS, string>> = {};
    for (const [field, variable] of Object.entries(FIELDS) as [keyof typeof FIELDS, string][]) {
      const written = image.gcpAuth?.[field];
      const value = written === undefined ? environment[variable] : valueOf(written, request, field);
      if (value) found[field] = value;
      else if (image.gcpAuth)
        throw new ExecutorError(`The gcp_auth of the image ${image.image} has no ${field}.`, 'failed');
      else return undefined;
    }
    if (!image.gcpAuth && identityToken(environment) === undefined) return undefined;
    return found as Record<keyof typeof FIELDS, string>;
  }
}

/**
 * The provider's full name, `//iam.googleapis.com/projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/P`:
 * configs have it in the provider, with or without the host, or the pool's in the pool and the last part in the provider.
 */
function audienceOf(fields: Record<keyof typeof FIELDS, string>, image: string): string {
  const { workload_identity_pool: pool, workload_identity_provider: provider } = fields;
  const name = (provider.includes('/') ? provider : `${pool}/providers/${provider}`).replace(
    /^(https:)?\/\/iam\.googleapis\.com\//,
    '',
  );
  if (/^projects\/[^/]+\/locations\/[^/]+\/workloadIdentityPools\/[^/]+\/providers\/[^/]+$/.test(name))
    return `//iam.googleapis.com/${name}`;
  const wanted = 'projects/NUMBER/locations/global/workloadIdentityPools/POOL';
  throw new ExecutorError(
    `The workload_identity_pool for the image ${image} must be the pool's full name: ${wanted}`,
    'failed',
  );
}
