// Helpers of the Docker executor's specs: requests, commands, images made for one test, a registry on loopback.
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Docker from 'dockerode';
import type { DockerImage, JobDefinition } from '../../../../pipelines/config/index.js';
import { TEST_IMAGE } from '../../../../../test/support/docker-image.js';
import type { ExecutionEnvironment, PrepareRequest } from '../executor.port.js';

export function imageOf(more: Partial<DockerImage> = {}): DockerImage {
  return { image: TEST_IMAGE, environment: {}, ...more };
}

/** A request for a job of these images, and the text that its preparation logs. */
export function requestFor(
  images: DockerImage[],
  more: Partial<Omit<PrepareRequest, 'definition'>> & { definition?: Partial<JobDefinition> } = {},
): PrepareRequest & { logged(): string } {
  let text = '';
  return {
    taskId: randomUUID(),
    jobName: 'test',
    environment: {},
    log: (line) => void (text += line),
    logged: () => text,
    signal: new AbortController().signal,
    ...more,
    definition: {
      executor: { type: 'docker', images },
      resourceClass: 'default',
      parallelism: 1,
      workingDirectory: '~/project',
      environment: {},
      steps: [],
      ...more.definition,
    },
  };
}

/** Runs a shell text to its end. */
export async function sh(
  environment: ExecutionEnvironment,
  text: string,
): Promise<{ code: number; text: string }> {
  const chunks: Buffer[] = [];
  const command = await environment.start({
    argv: ['/bin/sh', '-c', text],
    environment: {},
    cwd: environment.workingDirectory,
    onOutput: (chunk) => void chunks.push(Buffer.from(chunk)),
  });
  const { code } = await command.exit;
  return { code, text: Buffer.concat(chunks).toString() };
}

/** Makes an image from the test image by a shell text and Dockerfile instructions; the caller removes it. */
export async function derivedImage(text: string, changes: string[] = []): Promise<string> {
  const docker = new Docker();
  const container = await docker.createContainer({
    Image: TEST_IMAGE,
    Entrypoint: [''],
    Cmd: ['/bin/sh', '-ec', text],
  });
  try {
    await container.start();
    const { StatusCode } = (await container.wait()) as { StatusCode: number };
    if (StatusCode !== 0) throw new Error(`the image's script ended with code ${StatusCode}`);
    const tag = randomUUID();
    await container.commit({ repo: 'rotunda-derived', tag, changes: ['CMD []', ...changes].join('\n') });
    return `rotunda-derived:${tag}`;
  } finally {
    await container.remove({ force: true });
  }
}

export async function removeImage(name: string): Promise<void> {
  await new Docker().getImage(name).remove({ force: true });
}

export interface Registry {
  /** host:port */
  host: string;
  /** Credentials that were presented, as user:password. */
  seen: string[];
  close(): Promise<void>;
}

/**
 * A registry on loopback; `answer` gets what it does not answer itself (the API check and, with `login`, its
 * 401).
 */
export async function startRegistry(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  login?: string,
): Promise<Registry> {
  const seen: string[] = [];
  const server: Server = createServer((request, response) => {
    const given = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const credentials = given === undefined ? undefined : Buffer.from(given, 'base64').toString();
    if (credentials !== undefined) seen.push(credentials);
    if (login !== undefined && credentials !== login) {
      response.writeHead(401, {
        'www-authenticate': 'Basic realm="test"',
        'content-type': 'application/json',
      });
      response.end(
        JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] }),
      );
    } else if (request.url === '/v2/') {
      response.writeHead(200, { 'docker-distribution-api-version': 'registry/2.0' }).end('{}');
    } else answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Answers with one image of these layers (gzip or plain tar) under any name. */
export function oneImage(layer: Buffer): (request: IncomingMessage, response: ServerResponse) => void {
  const digest = (data: Buffer): string => `sha256:${createHash('sha256').update(data).digest('hex')}`;
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [digest(layer)] },
    }),
  );
  const type = 'application/vnd.docker.distribution.manifest.v2+json';
  const describe = (mediaType: string, data: Buffer) => ({
    mediaType,
    size: data.length,
    digest: digest(data),
  });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: type,
      config: describe('application/vnd.docker.container.image.v1+json', config),
      layers: [describe('application/vnd.docker.image.rootfs.diff.tar', layer)],
    }),
  );
  return (request, response) => {
    const wanted = request.url?.split('/').at(-1);
    if (request.url?.includes('/manifests/')) {
      response.writeHead(200, {
        'content-type': type,
        'content-length': manifest.length,
        'docker-content-digest': digest(manifest),
      });
      response.end(request.method === 'HEAD' ? undefined : manifest);
      return;
    }
    const blob = [config, layer].find((data) => digest(data) === wanted);
    if (blob) response.writeHead(200, { 'content-length': blob.length }).end(blob);
    else response.writeHead(404).end();
  };
}
