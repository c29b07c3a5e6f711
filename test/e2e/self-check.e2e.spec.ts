// A server in which something is written but not listed does not start, and says what to write.
import { expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '../support/server.js';

const PROJECTION = `export class ForgottenProjection {
  name = 'forgotten';
  tables = [];
  eventTypes = [];
  async project() {}
}
`;

it('a projection that is not listed stops the start', async () => {
  const home = await mkdtemp(join(tmpdir(), 'rotunda-incomplete-'));
  try {
    await chmod(home, 0o755);
    await cp(resolve('dist'), join(home, 'dist'), { recursive: true });
    await cp(resolve('package.json'), join(home, 'package.json'));
    await symlink(resolve('node_modules'), join(home, 'node_modules'));
    const slice = join(home, 'dist/src/execution/forgotten');
    await mkdir(slice);
    await writeFile(join(slice, 'forgotten.projection.js'), PROJECTION);
    const env = {
      PATH: process.env.PATH,
      ROTUNDA_DATA_DIR: join(home, 'data'),
      ROTUNDA_PORT: String(await freePort()),
    };
    const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((done) => {
      const command = [join(home, 'dist/src/cli/main.js'), 'up'];
      execFile(process.execPath, command, { env, timeout: 120_000 }, (error, _, text) =>
        done({ code: error?.code, stderr: text }),
      );
    });
    expect([code, stderr]).toEqual([1, expect.stringContaining('the program is not complete:')]);
    expect(stderr).toContain(
      'The projection ForgottenProjection (src/execution/forgotten/forgotten.projection.ts) is written but not used: list it in src/boot/followers.ts.',
    );
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}, 180_000);
