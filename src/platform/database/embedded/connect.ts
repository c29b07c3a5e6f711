// Waits until the embedded PostgreSQL accepts connections, and answers for which data directory it does.
import { realpath } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { OWNER, type Cluster } from './cluster.js';

const TRY_EVERY_MS = 15;

/** Where a server listens: a TCP port of this machine, and a directory with its Unix socket if it has one. */
export interface Listening {
  port: number;
  socketDirectory: string | undefined;
}

/**
 * The address of the database, password included: never to be logged. By the Unix socket where there is one: a statement
 * costs both sides about a fifth less there than over TCP.
 */
export function urlOf(
  cluster: Cluster,
  { port, socketDirectory }: Listening,
  database: string = OWNER,
): string {
  const host = socketDirectory === undefined ? '' : `?host=${encodeURIComponent(socketDirectory)}`;
  return `postgres://${OWNER}:${encodeURIComponent(cluster.password)}@127.0.0.1:${port}/${database}${host}`;
}

/**
 * Resolves once the server answers with `cluster`'s data directory and its database exists. Returns false as
 * soon as `gone()` says that the server ended. Throws after `limitMs`, and when another server answers.
 */
export async function waitUntilReady(
  cluster: Cluster,
  listening: Listening,
  gone: () => Promise<boolean> | boolean,
  limitMs: number,
): Promise<boolean> {
  const limit = Date.now() + limitMs;
  for (;;) {
    if (await gone()) return false;
    const failure = await check(cluster, listening);
    if (failure === undefined) return true;
    if (Date.now() > limit) {
      throw new Error(
        `PostgreSQL does not accept connections after ${limitMs / 1000} s (${failure}): see ${cluster.logFile}`,
      );
    }
    await pause(TRY_EVERY_MS);
  }
}

async function check(cluster: Cluster, listening: Listening): Promise<string | undefined> {
  const client = new pg.Client({
    connectionString: urlOf(cluster, listening, 'postgres'),
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const answer = await client.query<{ directory: string; made: boolean }>(
      `SELECT current_setting('data_directory') AS directory,
              EXISTS (SELECT FROM pg_database WHERE datname = $1) AS made`,
      [OWNER],
    );
    const { directory, made } = answer.rows[0]!;
    if ((await realpath(directory)) !== (await realpath(cluster.directory))) {
      throw new Error(`another PostgreSQL (of ${directory}) answers on port ${listening.port}`);
    }
    if (!made) await client.query(`CREATE DATABASE ${OWNER}`);
    return undefined;
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    // Not there yet, starting up (57P03), closing its connections while it ends; anything else will not pass.
    if (code === undefined && !/terminated|timeout/i.test(message)) throw error;
    if (code === '28P01') {
      throw new Error(
        `the PostgreSQL on port ${listening.port} does not take the password of ${cluster.directory}`,
        {
          cause: error,
        },
      );
    }
    return message || code;
  } finally {
    await client.end().catch(() => undefined);
  }
}
