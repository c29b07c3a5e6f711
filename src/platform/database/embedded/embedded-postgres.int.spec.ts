import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { openDatabase } from '../data-source.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';
import { isAlive, isLivePostgres } from './postmaster.js';

let home: string;
let dataDirectory: string;
const started: EmbeddedPostgres[] = [];
const said: string[] = [];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'rotunda-embedded-'));
  // As root the database runs as another user, who must be able to pass.
  await chmod(home, 0o711);
  dataDirectory = join(home, 'database');
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((postgres) => postgres.stop()));
  await rm(home, { recursive: true, force: true });
  said.length = 0;
});

async function start(settings?: Record<string, string>): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({
    dataDirectory,
    log: (line) => void said.push(line),
    settings,
  });
  started.push(postgres);
  return postgres;
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function untilGone(pid: number): Promise<void> {
  const limit = Date.now() + 10_000;
  while (await isLivePostgres(pid)) {
    if (Date.now() > limit) throw new Error(`process ${pid} is still there`);
  }
}

describe('startEmbeddedPostgres', () => {
  it('is reached by a Unix socket, by TypeORM too; and over TCP when the path is too long for a socket', async () => {
    const socket = 'SELECT inet_server_addr() IS NULL AS yes';
    const { url } = await start();
    expect(await ask(url, socket)).toEqual([{ yes: true }]);
    const source = await openDatabase({ url, poolSize: 2, entities: [], migrations: [] });
    expect(await source.query(socket)).toEqual([{ yes: true }]);
    await source.destroy();
    dataDirectory = join(home, 'a-long-name-'.repeat(9));
    expect(await ask((await start()).url, socket)).toEqual([{ yes: false }]);
  });

  it('makes a database that keeps what is on disk, through a stop and through kill -9', async () => {
    const first = await start();
    await ask(first.url, 'CREATE TABLE kept (n int)');
    await ask(first.url, 'INSERT INTO kept VALUES (1)');
    await first.stop();
    expect(await isLivePostgres(first.pid)).toBe(false);

    const second = await start();
    await ask(second.url, 'INSERT INTO kept VALUES (2)');
    process.kill(second.pid, 'SIGKILL');
    await untilGone(second.pid);

    const third = await start();
    expect(third.pid).not.toBe(second.pid);
    expect(await ask(third.url, 'SELECT n FROM kept ORDER BY n')).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('has safe settings, a UTF-8 database, a closed door and a private password', async () => {
    const { url } = await start({ max_connections: '17' });
    expect(
      await ask(
        url,
        `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
                current_setting('max_connections') AS connections, current_setting('listen_addresses') AS listens,
                current_setting('server_encoding') AS encoding, current_setting('timezone') AS zone,
                current_database()::text AS database, lower('Ä') AS lower`,
      ),
    ).toEqual([
      {
        fsync: 'on',
        commit: 'on',
        connections: '17',
        listens: '127.0.0.1',
        encoding: 'UTF8',
        zone: 'UTC',
        database: 'rotunda',
        lower: 'ä',
      },
    ]);
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(ask(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    expect((await stat(join(dataDirectory, 'password'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(dataDirectory, 'postgres.log'), 'utf8')).not.toContain(new URL(url).password);
  });

  it('takes over the database that a killed server process left running', async () => {
    const module = pathToFileURL(
      join(process.cwd(), 'dist/src/platform/database/embedded/embedded-postgres.js'),
    );
    const script = `
      const { startEmbeddedPostgres } = await import(${JSON.stringify(module.href)});
      const { pid } = await startEmbeddedPostgres({ dataDirectory: ${JSON.stringify(dataDirectory)}, log: () => {} });
      console.log(pid);
      setInterval(() => {}, 1000);`;
    const server = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    const [printed] = (await once(server.stdout, 'data')) as [Buffer];
    const left = Number(printed.toString());
    // What Ctrl-C and the closing of the terminal reach: the whole process group.
    process.kill(-server.pid!, 'SIGKILL');
    await once(server, 'exit');
    expect(await isLivePostgres(left)).toBe(true);

    const adopted = await start();
    expect(adopted.pid).toBe(left);
    expect(said).toEqual([`took over the running PostgreSQL (process ${left})`]);
    expect(await ask(adopted.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await adopted.stop();
    expect(await isLivePostgres(left)).toBe(false);
  });

  it('starts although the process id in a stale postmaster.pid belongs to another program now', async () => {
    const first = await start();
    process.kill(first.pid, 'SIGKILL');
    await untilGone(first.pid);
    const pidFile = join(dataDirectory, 'cluster', 'postmaster.pid');
    const lines = (await readFile(pidFile, 'utf8')).split('\n');
    const { uid, gid } = await stat(pidFile);
    // A program of the same user: for one of another user PostgreSQL itself sees the difference.
    const other = spawn('sleep', ['60'], { uid, gid, stdio: 'ignore' });
    try {
      await once(other, 'spawn');
      await writeFile(pidFile, [other.pid, ...lines.slice(1)].join('\n'));
      const second = await start();
      expect(await ask(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      expect(isAlive(other.pid!)).toBe(true);
    } finally {
      other.kill();
    }
  });

  it('begins anew when it was killed while making the database', async () => {
    await mkdir(join(dataDirectory, 'cluster.new', 'half'), { recursive: true });
    await writeFile(join(dataDirectory, 'password'), 'half');
    const { url } = await start();
    expect(await ask(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('says which directory keeps the database out', async () => {
    await chmod(home, 0o700);
    if (process.getuid?.() === 0) {
      await expect(start()).rejects.toThrow(`cannot enter ${home} (mode 700)`);
    } else {
      // The database runs as this same user, who may enter.
      expect((await start()).pid).toBeGreaterThan(0);
    }
  });

  it('says what PostgreSQL says when it does not start', async () => {
    await expect(start({ shared_buffers: 'lots' })).rejects.toThrow(/shared_buffers/);
  });
});
