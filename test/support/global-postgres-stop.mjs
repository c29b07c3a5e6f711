// Jest's global tear-down of the integration tests: ends the PostgreSQL that the set-up started.
import { rm } from 'node:fs/promises';

export default async function globalTeardown() {
  const started = globalThis.rotundaTestPostgres;
  if (!started) return;
  await started.postgres.stop();
  await rm(started.dataDirectory, { recursive: true, force: true });
}
