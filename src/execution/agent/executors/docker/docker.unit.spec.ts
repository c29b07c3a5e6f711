// The parts of the Docker executor that need no engine.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DockerImage } from '../../../../pipelines/config/index.js';
import { call, reasonOf } from './engine.js';
import { FrameReader } from './frames.js';
import { credentialsFor, parseReference } from './image.js';
import { limitsOf } from './resource-classes.js';

describe('image references', () => {
  it.each([
    ['postgres', 'docker.io', 'postgres:latest'],
    ['cimg/base:stable', 'docker.io', 'cimg/base:stable'],
    ['ghcr.io/a/b', 'ghcr.io', 'ghcr.io/a/b:latest'],
    ['localhost:5000/a', 'localhost:5000', 'localhost:5000/a:latest'],
    ['localhost/a:2', 'localhost', 'localhost/a:2'],
    ['a/b@sha256:0123', 'docker.io', 'a/b@sha256:0123'],
  ])('%s is at %s', (image, registry, full) => {
    expect(parseReference(image)).toEqual({ registry, full });
  });
});

describe('credentials of an image', () => {
  const image = (username: string, password: string) => ({
    image: 'r.example/a',
    environment: {},
    auth: { username, password },
  });
  const credentials = (of: DockerImage, environment: Record<string, string>) =>
    credentialsFor(of, environment, [], new AbortController().signal);

  it('are taken as written or from the variable they name', async () => {
    const environment = { USER_NAME: 'u', SECRET: 'p$x' };
    expect(await credentials(image('$USER_NAME', '${SECRET}'), environment)).toEqual({
      username: 'u',
      password: 'p$x',
      serveraddress: 'r.example',
    });
    expect(await credentials(image('plain', 'pa$SECRET'), environment)).toMatchObject({
      username: 'plain',
      password: 'pa$SECRET',
    });
  });

  it('name the variable that is missing', async () => {
    await expect(credentials(image('u', '$NONE'), {})).rejects.toThrow(
      'The password for the image r.example/a is $NONE, and that variable is not set.',
    );
  });
});

describe('resource classes', () => {
  const GIB = 1024 ** 3;
  const engine = { cpus: 4, memory: 16 * GIB };

  it('mean processors and memory, no more than there are', () => {
    expect(limitsOf('medium+', engine)).toEqual({ cpus: 3, memory: 6 * GIB });
    expect(limitsOf('arm.medium', engine)).toEqual({ cpus: 2, memory: 4 * GIB });
    expect(limitsOf('large.gen2', engine)).toEqual({ cpus: 4, memory: 8 * GIB });
    expect(limitsOf('2xlarge', engine)).toEqual(engine);
  });

  it('limit nothing when they are the default or not known', () => {
    expect(limitsOf('default', engine)).toBeUndefined();
    expect(limitsOf('acme/big', engine)).toBeUndefined();
  });
});

describe('the multiplexed stream', () => {
  it('is the same in whatever pieces it comes', () => {
    const frame = fc.record({ stream: fc.constantFrom(1, 2), data: fc.uint8Array({ maxLength: 40 }) });
    fc.assert(
      fc.property(fc.array(frame), fc.array(fc.integer({ min: 1, max: 30 })), (frames, cuts) => {
        const wire = Buffer.concat(
          frames.map(({ stream, data }) => {
            const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
            header.writeUInt32BE(data.length, 4);
            return Buffer.concat([header, data]);
          }),
        );
        const reader = new FrameReader();
        const seen: number[][] = [];
        for (let at = 0, i = 0; at < wire.length; i++) {
          const end = at + (cuts[i] ?? wire.length);
          for (const part of reader.read(wire.subarray(at, end)))
            for (const byte of part.data) seen.push([part.stream, byte]);
          at = end;
        }
        expect(seen).toEqual(frames.flatMap(({ stream, data }) => [...data].map((byte) => [stream, byte])));
      }),
    );
  });
});

describe('calls to the engine', () => {
  it('end at their limit and at the signal, whatever the call does', async () => {
    const never = () => new Promise<never>(() => undefined);
    await expect(call('x', never, { timeoutMs: 10 })).rejects.toThrow('did not answer');
    await expect(call('x', never, { signal: AbortSignal.abort() })).rejects.toThrow('stopped');
    let aborted = false;
    const listening = (signal: AbortSignal) =>
      new Promise<never>(() => signal.addEventListener('abort', () => void (aborted = true)));
    await expect(call('x', listening, { timeoutMs: 10 })).rejects.toThrow('did not answer');
    expect(aborted).toBe(true);
  });

  it('give the words of the engine', () => {
    const error = Object.assign(new Error('(HTTP code 404) no such image - No such image: x '), {
      statusCode: 404,
    });
    expect(reasonOf(error)).toBe('No such image: x');
    expect(reasonOf(Object.assign(error, { json: { message: 'gone\nreally' } }))).toBe('gone really');
  });
});
