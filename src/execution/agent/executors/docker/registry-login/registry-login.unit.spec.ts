// Logins for the registries of clouds, against stand-ins of their services.
import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DockerImage } from '../../../../../pipelines/config/index.js';
import { EcrLogin } from './ecr.js';
import { GcpLogin } from './gcp.js';
import { signed } from './sigv4.js';

interface Seen {
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

let server: Server | undefined;
afterEach(() => void server?.close());

async function service(answer: (seen: Seen) => { status?: number; json: unknown }) {
  const seen: Seen[] = [];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const call = { url: request.url ?? '', headers: request.headers, body };
    seen.push(call);
    const { status = 200, json } = answer(call);
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify(json));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { seen, base: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const ECR = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const request = (
  registry: string,
  more: Partial<DockerImage> = {},
  environment: Record<string, string> = {},
) => ({
  image: { image: `${registry}/app:1`, environment: {}, ...more },
  registry,
  environment,
  signal: new AbortController().signal,
});
const ecrAnswer = {
  authorizationData: [{ authorizationToken: Buffer.from('AWS:pass:word').toString('base64') }],
};
const ecrAt = (base: string) =>
  new EcrLogin({
    standIn: { ecr: `${base}/`, sts: `${base}/sts`, registry: ECR, region: 'eu-west-1' },
    now: () => new Date('2026-01-02T03:04:05.678Z'),
  });

describe('a signature of AWS', () => {
  it('is that of the vendor’s own published example', () => {
    const keys = {
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    };
    const headers = signed(
      {
        method: 'GET',
        url: new URL('https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08'),
        headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
        body: '',
      },
      keys,
      { region: 'us-east-1', service: 'iam' },
      new Date('2015-08-30T12:36:00Z'),
    );
    expect(headers['authorization']).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, ' +
        'SignedHeaders=content-type;host;x-amz-date, ' +
        'Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    );
  });
});

describe('a login for ECR', () => {
  it.each([
    [ECR, true],
    ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', true],
    ['123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com', true],
    ['public.ecr.aws', false],
    ['docker.io', false],
    [`${ECR}.example.com`, false],
  ])('covers %s: %s', (registry, covered) => {
    expect(new EcrLogin().covers(registry)).toBe(covered);
  });

  it('is had for the keys of the image, also by variables', async () => {
    const { base, seen } = await service(() => ({ json: ecrAnswer }));
    const awsAuth = { aws_access_key_id: 'AKID', aws_secret_access_key: '$SECRET_KEY' };
    const environment = { SECRET_KEY: 'very secret', AWS_SESSION_TOKEN: 'of other keys' };
    expect(await ecrAt(base).login(request(ECR, { awsAuth }, environment))).toEqual({
      username: 'AWS',
      password: 'pass:word',
    });
    expect(seen[0]?.headers).toMatchObject({
      'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
      'x-amz-date': '20260102T030405Z',
      authorization: expect.stringContaining('Credential=AKID/20260102/eu-west-1/ecr/aws4_request'),
    });
    expect(seen[0]?.headers).not.toHaveProperty('x-amz-security-token');
    expect(JSON.stringify(seen)).not.toContain('very secret');
  });

  it('is had for the keys of the environment when the image has none, and not without any', async () => {
    const { base, seen } = await service(() => ({ json: ecrAnswer }));
    const environment = { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'B', AWS_SESSION_TOKEN: 'C' };
    expect(await ecrAt(base).login(request(ECR, {}, environment))).toMatchObject({ username: 'AWS' });
    expect(seen[0]?.headers['x-amz-security-token']).toBe('C');
    expect(await ecrAt(base).login(request(ECR))).toBeUndefined();
    const half = ecrAt(base).login(request(ECR, { awsAuth: { aws_access_key_id: 'A' } }));
    await expect(half).rejects.toMatchObject({ kind: 'failed', message: /has no aws_secret_access_key/ });
  });

  it('is had for a role and the identity token of the job', async () => {
    const keys = { AccessKeyId: 'ASIA', SecretAccessKey: 'S', SessionToken: 'T' };
    const { base, seen } = await service(({ url }) =>
      url === '/sts'
        ? {
            json: {
              AssumeRoleWithWebIdentityResponse: { AssumeRoleWithWebIdentityResult: { Credentials: keys } },
            },
          }
        : { json: ecrAnswer },
    );
    const awsAuth = { oidc_role_arn: 'arn:aws:iam::123456789012:role/ci' };
    const login = ecrAt(base).login(request(ECR, { awsAuth }, { CIRCLE_OIDC_TOKEN_V2: 'jwt' }));
    expect(await login).toMatchObject({ username: 'AWS' });
    expect(Object.fromEntries(new URLSearchParams(seen[0]?.body))).toMatchObject({
      Action: 'AssumeRoleWithWebIdentity',
      RoleArn: awsAuth.oidc_role_arn,
      WebIdentityToken: 'jwt',
    });
    expect(seen[1]?.headers['x-amz-security-token']).toBe('T');
    await expect(ecrAt(base).login(request(ECR, { awsAuth }))).rejects.toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('CIRCLE_OIDC_TOKEN_V2'),
    });
  });

  it('fails with the words of AWS, and tells a fault of the keys from one of the service', async () => {
    const said = { __type: 'UnrecognizedClientException', message: 'The security token is invalid.' };
    let status = 400;
    const { base } = await service(() => ({ status, json: said }));
    const environment = { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'secret-B' };
    const attempt = () => ecrAt(base).login(request(ECR, {}, environment));
    await expect(attempt()).rejects.toMatchObject({ kind: 'failed', message: /400: The security token/ });
    status = 503;
    await expect(attempt()).rejects.toMatchObject({ kind: 'infrastructure_fail' });
  });

  it('says that the service does not answer', async () => {
    const environment = { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'B' };
    const login = ecrAt('http://127.0.0.1:1').login(request(ECR, {}, environment));
    await expect(login).rejects.toMatchObject({
      kind: 'infrastructure_fail',
      message: expect.stringContaining('does not answer'),
    });
  });
});

describe('a login for Google', () => {
  const GCR = 'europe-docker.pkg.dev';
  const POOL = 'projects/42/locations/global/workloadIdentityPools/ci';
  const gcpAuth = {
    oidc_service_account: 'ci@acme.iam.gserviceaccount.com',
    workload_identity_pool: POOL,
    workload_identity_provider: 'rotunda',
  };
  const at = (base: string) => new GcpLogin({ standIn: { sts: base, iam: base, registry: GCR } });

  it.each([
    ['gcr.io', true],
    ['eu.gcr.io', true],
    [GCR, true],
    ['gcr.io.example.com', false],
    ['ghcr.io', false],
  ])('covers %s: %s', (registry, covered) => {
    expect(new GcpLogin().covers(registry)).toBe(covered);
  });

  it('is had by way of the service account', async () => {
    const { base, seen } = await service(({ url }) =>
      url === '/v1/token' ? { json: { access_token: 'federated' } } : { json: { accessToken: 'final' } },
    );
    const login = at(base).login(request(GCR, { gcpAuth }, { CIRCLE_OIDC_TOKEN_V2: 'jwt' }));
    expect(await login).toEqual({ username: 'oauth2accesstoken', password: 'final' });
    expect(JSON.parse(seen[0]?.body ?? '')).toMatchObject({
      audience: `//iam.googleapis.com/${POOL}/providers/rotunda`,
      subjectToken: 'jwt',
    });
    expect(seen[1]).toMatchObject({
      url: '/v1/projects/-/serviceAccounts/ci%40acme.iam.gserviceaccount.com:generateAccessToken',
      headers: { authorization: 'Bearer federated' },
    });
  });

  it('is not tried without all it needs, and says what a config lacks', async () => {
    const login = at('http://127.0.0.1:1');
    expect(await login.login(request(GCR, {}, { CIRCLE_OIDC_TOKEN_V2: 'jwt' }))).toBeUndefined();
    await expect(login.login(request(GCR, { gcpAuth }))).rejects.toThrow('CIRCLE_OIDC_TOKEN_V2');
    const short = { ...gcpAuth, workload_identity_pool: 'ci' };
    await expect(
      login.login(request(GCR, { gcpAuth: short }, { CIRCLE_OIDC_TOKEN_V2: 'jwt' })),
    ).rejects.toThrow("must be the pool's full name");
  });
});
