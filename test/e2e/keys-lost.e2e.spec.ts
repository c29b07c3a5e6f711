// A server whose key ring lacks a key does not start: a job without its secrets would fail later, and worse.
import { expect, it } from '@jest/globals';
import { chmod, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings } from '../../config/settings.js';
import { startServer } from '../../src/boot/start.js';
import { ApiClient } from '../../src/cli/client.js';
import { makeLogger } from '../../src/platform/telemetry/logger.js';
import { addProject } from '../support/pipelines.js';
import { makeRepository } from '../support/repository.js';

it('names the key that is missing, and starts again once it is back', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'rotunda-keys-'));
  // Where the tests run as root, the database runs as another user, who must be able to get there.
  await chmod(directory, 0o711);
  const repository = await makeRepository('version: 2.1\n');
  const data = join(directory, 'data');
  const settings = readSettings({
    ...{ ROTUNDA_DATA_DIR: data, ROTUNDA_PORT: '0', ROTUNDA_ROLES: 'api', ROTUNDA_AGENT: 'off' },
    ROTUNDA_LOG_LEVEL: 'fatal',
  });
  const start = () => startServer({ ...settings }, makeLogger({ level: 'fatal', format: 'text' }));
  const keys = join(data, 'keys.json');
  try {
    const first = await start();
    try {
      const api = new ApiClient({ url: first.url, token: first.firstToken! });
      const slug = await addProject(api, 'keys', repository.path);
      await api.post(`/api/v2/project/${slug}/envvar`, { name: 'A', value: 'canary' });
    } finally {
      await first.stop();
    }
    const { primary } = JSON.parse(await readFile(keys, 'utf8')) as { primary: string };
    await rename(keys, `${keys}.away`);
    await expect(start()).rejects.toThrow(
      `the key ring lacks the key ${primary}, with which secrets are sealed`,
    );
    await rename(`${keys}.away`, keys);
    await (await start()).stop();
  } finally {
    await repository.remove();
    await rm(directory, { recursive: true, force: true });
  }
}, 180_000);
