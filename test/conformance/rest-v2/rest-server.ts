// A real server for the tests of REST v2. It takes requests and keeps read models; nothing else moves the log, so a
// test can tell that a request changed nothing.
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readSettings } from '../../../config/settings.js';
import type { RunningServer } from '../../../src/boot/server.js';
import { startServer } from '../../../src/boot/start.js';
import { makeLogger } from '../../../src/platform/telemetry/logger.js';

export interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

export interface RestServer {
  server: RunningServer;
  token: string;
  /** The path of a Git repository with one commit on `main`. */
  repository: string;
  /** A request with the token; a body that is no string is sent as JSON. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** The end of the log: it moves when anything is recorded. */
  head(): Promise<string>;
  stop(): Promise<void>;
}

export interface CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
  /** Another token, or none. */
  token?: string | null;
}

const LIMIT_MS = 20_000;

export async function startRestServer(): Promise<RestServer> {
  const directory = await mkdtemp(join(tmpdir(), 'rotunda-rest-'));
  // Where the tests run as root, the database runs as another user, who must be able to get there.
  await chmod(directory, 0o711);
  const repository = await makeRepository(join(directory, 'repository'));
  const settings = readSettings({
    ROTUNDA_DATA_DIR: join(directory, 'data'),
    ROTUNDA_PORT: '0',
    ROTUNDA_ROLES: 'api',
    ROTUNDA_AGENT: 'off',
    ROTUNDA_LOG_LEVEL: 'error',
  });
  const server = await startServer(settings, makeLogger({ level: 'error', format: 'text' })).catch(
    async (error: unknown) => {
      await rm(directory, { recursive: true, force: true });
      throw error;
    },
  );
  const token = server.firstToken!;
  return {
    server,
    token,
    repository,
    call: (method, path, options = {}) => call(server.url, token, method, path, options),
    head: () => server.parts.store.head(),
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function call(
  url: string,
  ownToken: string,
  method: string,
  path: string,
  { body, headers = {}, token = ownToken }: CallOptions,
): Promise<Answer> {
  const isText = typeof body === 'string';
  const response = await fetch(`${url}${path}`, {
    method,
    signal: AbortSignal.timeout(LIMIT_MS),
    headers: {
      ...(token === null ? {} : { 'circle-token': token }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : isText ? body : JSON.stringify(body),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('application/json');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

async function makeRepository(path: string): Promise<string> {
  const git = async (...args: string[]): Promise<void> => {
    await promisify(execFile)('git', args, { timeout: LIMIT_MS });
  };
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org'];
  await git('init', '--quiet', '--initial-branch', 'main', path);
  await writeFile(join(path, 'README'), 'a repository for tests\n');
  await git('-C', path, 'add', '.');
  await git('-C', path, ...who, 'commit', '--quiet', '-m', 'First');
  return path;
}
