// The database may come up a little later than the program.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { openDatabase } from './data-source.js';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

/** A way to the test's PostgreSQL by a port that is not open yet. */
function laterDoor(): Promise<{ url: string; open(): void; close(): void }> {
  const { hostname, port } = new URL(database.url);
  const door = createServer((socket) => {
    const onward = connect(Number(port), hostname);
    socket.pipe(onward).pipe(socket);
    for (const end of [socket, onward]) end.on('error', () => socket.destroy());
  });
  return new Promise((resolve) => {
    const probe: Server = createServer().listen(0, '127.0.0.1', () => {
      const free = (probe.address() as AddressInfo).port;
      const url = new URL(database.url);
      url.hostname = '127.0.0.1';
      // Not by a Unix socket.
      url.search = '';
      url.port = String(free);
      const open = (): void => void door.listen(free, '127.0.0.1');
      probe.close(() => resolve({ url: url.href, open, close: () => void door.close() }));
    });
  });
}

const nothing = { poolSize: 2, entities: [], migrations: [] };

describe('openDatabase', () => {
  it('waits for a PostgreSQL that is not up yet, and says so once', async () => {
    const door = await laterDoor();
    const waits: string[] = [];
    const onWait = (reason: string): void => {
      waits.push(reason);
      door.open();
    };
    const opened = await openDatabase({ ...nothing, url: door.url, onWait });
    expect(await opened.query('SELECT current_schema() AS schema')).toEqual([{ schema: 'rotunda' }]);
    expect(waits).toEqual([
      expect.stringMatching(/^cannot connect to PostgreSQL at 127\.0\.0\.1:\d+: .*ECONNREFUSED/),
    ]);
    await opened.destroy();
    door.close();
  });

  it('gives up after the limit with the place, and without the password', async () => {
    const { url } = await laterDoor();
    const failure = await openDatabase({ ...nothing, url, waitMs: 0 }).catch((error: Error) => error);
    expect(failure).toBeInstanceOf(Error);
    const { port, password } = new URL(url);
    expect((failure as Error).message).toContain(`cannot connect to PostgreSQL at 127.0.0.1:${port}: `);
    expect(password).not.toBe('');
    expect((failure as Error).message).not.toContain(password);
  });

  it('does not wait for what will not pass', async () => {
    const url = new URL(database.url);
    url.pathname = '/there-is-no-such-database';
    const waits: string[] = [];
    await expect(
      openDatabase({ ...nothing, url: url.href, onWait: (reason) => waits.push(reason) }),
    ).rejects.toThrow('database "there-is-no-such-database" does not exist');
    expect(waits).toEqual([]);
  });
});
