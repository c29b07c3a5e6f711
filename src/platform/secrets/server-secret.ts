// Secrets that all processes of a server share and that nobody ever types in, such as the key of what it signs.
import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';

/** Not a read model: made when it is first asked for, and gone for good with its row. */
export const serverSecretSql = `
  CREATE TABLE server_secret (name text PRIMARY KEY, value bytea NOT NULL, created_at timestamptz NOT NULL DEFAULT now())`;

/** 32 random bytes under a name, the same for every process on this database. */
export async function serverSecret(database: DataSource, name: string): Promise<Buffer> {
  await database.query(
    'INSERT INTO server_secret (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING',
    [name, randomBytes(32)],
  );
  const rows: { value: Buffer }[] = await database.query('SELECT value FROM server_secret WHERE name = $1', [
    name,
  ]);
  return rows[0]!.value;
}
