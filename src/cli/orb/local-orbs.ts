// Orbs for commands that work without a server: from files that are named, else from the registry of the data directory or
// of DATABASE_URL, which is opened only when a config asks for an orb that no file gives.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { Undo } from '../../boot/undo.js';
import type { FoundOrb, OrbResolver } from '../../pipelines/config/index.js';
import { parseOrbReference } from '../../pipelines/config/orbs/reference.js';
import { storedOrbs } from '../../pipelines/config/orbs/stored-orbs.js';
import { PostgresOrbRegistry } from '../../pipelines/orbs/postgres-orb-registry.js';
import { DATABASE_SCHEMA } from '../../platform/database/data-source.js';
import { settingsAndLogger } from '../environment.js';
import { databaseOf } from '../platform.js';

/** A table that is not there: the database was never used by a server that has a registry. */
const NO_TABLE = '42P01';

export class LocalOrbs implements OrbResolver {
  /** What was found so far, by what it resolved to. */
  readonly found = new Map<string, FoundOrb>();
  private registry: Promise<PostgresOrbRegistry | undefined> | undefined;
  private undo: Undo | undefined;

  private constructor(private readonly files: OrbResolver) {}

  /** `given`: texts such as `acme/tool@1.2.3=FILE` or `https://…=FILE`. Throws for one that is not of this form. */
  static async of(given: readonly string[]): Promise<LocalOrbs> {
    const texts = await Promise.all(given.map(readGiven));
    return new LocalOrbs(storedOrbs(Object.fromEntries(texts)));
  }

  async resolve(reference: string): Promise<FoundOrb | undefined> {
    const orb = (await this.files.resolve(reference)) ?? (await this.registered(reference));
    if (orb) this.found.set(orb.resolvedReference, orb);
    return orb;
  }

  /** Closes what was opened. */
  async close(): Promise<void> {
    await this.registry?.catch(() => undefined);
    await this.undo?.all();
  }

  private async registered(text: string): Promise<FoundOrb | undefined> {
    const reference = parseOrbReference(text);
    if (reference?.kind === 'url') throw new Error(`--orb ${text}=FILE gives the text of a URL orb here`);
    if (!reference) return undefined;
    this.registry ??= this.open();
    const registry = await this.registry;
    return registry?.find(reference, { now: new Date() }).catch((error: { code?: string }) => {
      if (error.code === NO_TABLE) return undefined;
      throw error;
    });
  }

  /** Only reads: a database of an older server is not brought up to date by looking into it. */
  private async open(): Promise<PostgresOrbRegistry | undefined> {
    const { settings, logger } = settingsAndLogger();
    if (settings.databaseUrl === '' && !existsSync(join(settings.dataDirectory, 'pg', 'cluster')))
      return undefined;
    this.undo = new Undo(logger);
    const client = new pg.Client({
      connectionString: await databaseOf(settings, logger, this.undo),
      options: `-c search_path=${DATABASE_SCHEMA}`,
      connectionTimeoutMillis: 10_000,
      query_timeout: 10_000,
    });
    await client.connect();
    this.undo.add('database connection', () => client.end());
    const query = async <T>(text: string, values?: unknown[]): Promise<T> =>
      (await client.query(text, values)).rows as T;
    return new PostgresOrbRegistry({ query });
  }
}

async function readGiven(given: string): Promise<[string, string]> {
  const at = given.lastIndexOf('=');
  const [name, file] = [given.slice(0, at), given.slice(at + 1)];
  const reference = at > 0 ? parseOrbReference(name) : undefined;
  const isWhole =
    reference?.kind === 'url' ||
    (reference?.kind === 'registry' &&
      (reference.version.kind === 'dev' ||
        (reference.version.kind === 'production' && reference.version.patch !== undefined)));
  if (!isWhole || file === '') {
    throw new Error(`--orb ${given}: write it as namespace/orb@1.2.3=FILE or https://…=FILE`);
  }
  return [name, await readOrbFile(file)];
}

/** The text of a file; throws an error that names it. */
export async function readOrbFile(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(error.code === 'ENOENT' ? `there is no file ${file}` : `${file}: ${error.message}`);
  });
}
