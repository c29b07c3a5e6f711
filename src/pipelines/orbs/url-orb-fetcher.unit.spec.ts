// Fetching URL orbs from a real https server on this machine, which counts as a private network.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UrlOrbFetcher, type UrlOrbFetcherOptions } from './url-orb-fetcher.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let directory: string;
let ca: string;
let server: Server;
let base: string;
let answers: Record<string, Answer>;
let asked: string[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'url-orbs-'));
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const subject = [
    '-subj',
    '/CN=orbs.test',
    '-addext',
    'subjectAltName=DNS:orbs.test,DNS:other.test,IP:127.0.0.1',
  ];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await promisify(execFile)(
    'openssl',
    ['req', '-x509', ...curve, '-keyout', key, '-out', cert, '-days', '2', ...subject],
    { timeout: 30_000 },
  );
  ca = await readFile(cert, 'utf8');
  server = createServer({ key: await readFile(key), cert: ca }, (request, response) => {
    asked.push(`${request.headers.host?.split(':')[0]}${request.url}`);
    const answer = answers[request.url!];
    if (answer) return answer(request, response);
    response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  base = `https://orbs.test:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server?.closeAllConnections();
  await new Promise((done) => server?.close(done));
  await rm(directory, { recursive: true, force: true });
});
beforeEach(() => {
  answers = { '/a/orb.yml': (_, response) => response.end('version: 2.1') };
  asked = [];
});

const fetcher = (options: UrlOrbFetcherOptions = {}) =>
  new UrlOrbFetcher({ ca, privateAddresses: true, addressesOf: async () => ['127.0.0.1'], ...options });
const below = (prefix: string) => (url: string) => url.startsWith(prefix);
const redirect =
  (location: string): Answer =>
  (_, response) =>
    response.writeHead(302, { location }).end();

describe('UrlOrbFetcher', () => {
  test('fetches a text', async () => {
    expect(await fetcher().fetch(`${base}/a/orb.yml`, below(`${base}/a/`))).toBe('version: 2.1');
  });

  test('says when there is nothing', async () => {
    expect(await fetcher().fetch(`${base}/a/none.yml`, below(base))).toBeUndefined();
  });

  test.each([
    ['/b/orb.yml', 'begins with no prefix'],
    ['/a/../b/orb.yml', 'begins with no prefix'],
    ['/a/%2e%2e/b/orb.yml', 'begins with no prefix'],
  ])('asks for nothing outside of what is allowed: %s', async (path, message) => {
    await expect(fetcher().fetch(`${base}${path}`, below(`${base}/a/`))).rejects.toThrow(message);
    expect(asked).toEqual([]);
  });

  test.each(['http://orbs.test/a', 'file:///etc/passwd', 'https://user:secret@orbs.test/', 'nonsense'])(
    'refuses %s',
    async (url) => {
      await expect(fetcher().fetch(url, () => true)).rejects.toThrow('is no https address');
    },
  );

  test('follows redirects within what is allowed, three at most', async () => {
    answers['/a/1'] = redirect('/a/2');
    answers['/a/2'] = redirect(`${base}/a/orb.yml`);
    expect(await fetcher().fetch(`${base}/a/1`, below(`${base}/a/`))).toBe('version: 2.1');
    answers['/a/out'] = redirect(`${base}/b/secret`);
    await expect(fetcher().fetch(`${base}/a/out`, below(`${base}/a/`))).rejects.toThrow(
      'begins with no prefix',
    );
    answers['/a/down'] = redirect(`http://orbs.test/a/x`);
    await expect(fetcher().fetch(`${base}/a/down`, () => true)).rejects.toThrow('is no https address');
    answers['/a/round'] = redirect('/a/round');
    await expect(fetcher().fetch(`${base}/a/round`, below(`${base}/a/`))).rejects.toThrow(
      'redirects more than 3 times',
    );
    expect(asked).not.toContain('orbs.test/b/secret');
  });

  test('does not call private networks unless it may', async () => {
    const guarded = { privateAddresses: false };
    await expect(fetcher(guarded).fetch(`${base}/a/orb.yml`, () => true)).rejects.toThrow(
      'orbs.test is not on the public Internet',
    );
    const port = new URL(base).port;
    await expect(fetcher(guarded).fetch(`https://127.0.0.1:${port}/a/orb.yml`, () => true)).rejects.toThrow(
      '127.0.0.1 is not on the public Internet',
    );
    await expect(fetcher(guarded).fetch(`https://[::1]:${port}/a/orb.yml`, () => true)).rejects.toThrow(
      '::1 is not on the public Internet',
    );
    // One private address among public ones is enough.
    const mixed = { ...guarded, addressesOf: async () => ['93.184.215.14', '10.0.0.1'] };
    await expect(fetcher(mixed).fetch(`${base}/a/orb.yml`, () => true)).rejects.toThrow('public Internet');
    expect(asked).toEqual([]);
  });

  test('gives up what is too large, too slow, no text or an error', async () => {
    answers['/large'] = (_, response) => response.end('x'.repeat(2_000));
    await expect(fetcher({ bytes: 1_000 }).fetch(`${base}/large`, () => true)).rejects.toThrow(
      '/large is larger than 1000 bytes',
    );
    answers['/slow'] = () => undefined;
    await expect(fetcher({ milliseconds: 200 }).fetch(`${base}/slow`, () => true)).rejects.toThrow(
      '/slow: it takes too long',
    );
    answers['/stalls'] = (_, response) => response.write('version');
    await expect(fetcher({ milliseconds: 200 }).fetch(`${base}/stalls`, () => true)).rejects.toThrow(
      '/stalls: it takes too long',
    );
    answers['/binary'] = (_, response) => response.end(Buffer.from([0xff, 0xfe]));
    await expect(fetcher().fetch(`${base}/binary`, () => true)).rejects.toThrow('is no UTF-8 text');
    answers['/broken'] = (_, response) => response.writeHead(503).end();
    await expect(fetcher().fetch(`${base}/broken`, () => true)).rejects.toThrow('answers with status 503');
    await expect(fetcher({ ca: undefined }).fetch(`${base}/a/orb.yml`, () => true)).rejects.toThrow(
      'certificate',
    );
  });

  test('believes a text for five minutes, but not that there is none', async () => {
    let now = 0;
    const one = fetcher({ now: () => now });
    const get = (path: string) => one.fetch(`${base}${path}`, below(base));
    await Promise.all([get('/a/orb.yml'), get('/a/orb.yml')]);
    now = 299_000;
    await get('/a/orb.yml');
    expect(asked).toHaveLength(1);
    now = 301_000;
    await get('/a/orb.yml');
    expect(asked).toHaveLength(2);
    await get('/a/none');
    await get('/a/none');
    expect(asked).toHaveLength(4);
    await expect(one.fetch(`${base}/a/orb.yml`, () => false)).rejects.toThrow('begins with no prefix');
  });
});
