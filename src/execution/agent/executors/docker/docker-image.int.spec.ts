// Pulling images, against a real engine and a registry on loopback.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Docker from 'dockerode';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { dockerForTests, ensureTestImage } from '../../../../../test/support/docker-image.js';
import { packFiles, until } from '../executor.testing.js';
import { DockerExecutor } from './docker-executor.js';
import { imageOf, oneImage, removeImage, requestFor, startRegistry } from './docker.testing.js';

const SUITE = 'pulling images with Docker';
const notFound = (_request: IncomingMessage, response: ServerResponse): void => {
  response.writeHead(404, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] }));
};

if (await dockerForTests(SUITE)) {
  describe(SUITE, () => {
    const agent = `images-${randomUUID()}`;
    const executor = new DockerExecutor({ agent, pull: { stallMs: 1500 } });
    const leftContainers = () =>
      new Docker().listContainers({ all: true, filters: { label: [`rotunda.agent=${agent}`] } });
    beforeAll(async () => void (await ensureTestImage()), 400_000);
    afterAll(() => executor.cleanUp(new Set()));

    it('names the image and the reason when the registry does not have it', async () => {
      const registry = await startRegistry(notFound);
      const image = `${registry.host}/team/none:1`;
      try {
        const error = await executor
          .prepare(requestFor([imageOf({ image })]))
          .catch((reason: unknown) => reason);
        expect(error).toMatchObject({ name: 'ExecutorError', kind: 'failed' });
        const { message } = error as Error;
        expect(message).toContain(`Cannot pull the image ${image} from ${registry.host}: `);
        expect(message).toMatch(/manifest unknown|not found/);
        expect(message).not.toMatch(/HTTP code|\n/);
      } finally {
        await registry.close();
      }
    });

    it('logs in with variables of the job, and never repeats the password', async () => {
      const registry = await startRegistry(notFound, 'robot:right-secret');
      const auth = { username: 'robot', password: '$REGISTRY_PASSWORD' };
      const image = imageOf({ image: `${registry.host}/team/none:1`, auth });
      const attempt = async (password: string) => {
        const request = requestFor([image], { environment: { REGISTRY_PASSWORD: password } });
        const error = await executor.prepare(request).catch((reason: unknown) => reason);
        return {
          message: (error as Error).message,
          kind: (error as { kind?: string }).kind,
          logged: request.logged(),
        };
      };
      try {
        const right = await attempt('right-secret');
        expect(registry.seen).toContain('robot:right-secret');
        expect(right.message).toMatch(/manifest unknown|not found/);
        const wrong = await attempt('wrong-secret');
        expect(wrong.kind).toBe('failed');
        expect(wrong.message).toContain(image.image);
        expect(wrong.message + wrong.logged + right.message + right.logged).not.toMatch(
          /right-secret|wrong-secret/,
        );
      } finally {
        await registry.close();
      }
    });

    it('pulls an image and says so; without a shell it cannot be a primary container', async () => {
      const layer = await bytesOf(await packFiles([{ name: 'hello', text: randomUUID() }]));
      const registry = await startRegistry(oneImage(layer));
      const image = `${registry.host}/team/empty`;
      const request = requestFor([imageOf({ image })]);
      try {
        const failing = executor.prepare(request);
        await expect(failing).rejects.toMatchObject({
          kind: 'failed',
          message: expect.stringContaining('/bin/sh'),
        });
        expect(request.logged()).toContain('Pull complete');
        expect(request.logged()).toMatch(new RegExp(`using image ${registry.host}/team/empty@sha256:`));
        expect(await leftContainers()).toEqual([]);
        await removeImage(`${image}:latest`);
      } finally {
        await registry.close();
      }
    });

    it('stops at once when it is canceled during the pull', async () => {
      let asked = false;
      const registry = await startRegistry(() => void (asked = true));
      const controller = new AbortController();
      const request = requestFor([imageOf({ image: `${registry.host}/team/slow:1` })], {
        signal: controller.signal,
      });
      try {
        const slow = new DockerExecutor({ agent });
        const preparing = slow.prepare(request).catch((reason: unknown) => reason);
        await until(() => asked, 'the engine to ask the registry');
        const before = performance.now();
        controller.abort();
        expect(await preparing).toMatchObject({ name: 'ExecutorError' });
        expect(performance.now() - before).toBeLessThan(3000);
        expect(await leftContainers()).toEqual([]);
      } finally {
        await registry.close();
      }
    });

    it('gives up on a registry that says nothing', async () => {
      const registry = await startRegistry(() => undefined);
      try {
        const failing = executor.prepare(requestFor([imageOf({ image: `${registry.host}/team/slow:1` })]));
        await expect(failing).rejects.toMatchObject({
          kind: 'infrastructure_fail',
          message: expect.stringContaining('did not answer within 2 s'),
        });
      } finally {
        await registry.close();
      }
    });
  });
} else {
  it(`NOT TESTED, no Docker engine answers: ${SUITE}`, () => {
    expect(process.env['ROTUNDA_REQUIRE_DOCKER']).not.toBe('1');
  });
}

async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}
