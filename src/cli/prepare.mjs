#!/usr/bin/env node
// Makes a fresh clone runnable: installs the locked dependencies and builds what changed, then hands over to the
// command that was asked for, in this same process where it can. Does nothing, quickly, when nothing is to be done.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureDependenciesBundled } from './bundle-dependencies.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const dist = join(root, 'dist');
const sourceFolders = ['src', 'config', 'migrations', 'test'];

/**
 * Installs what the lock file says unless node_modules came from exactly this one. `npm install` and not `npm ci`: the
 * latter refuses a lock file that lacks the native builds of other platforms, which no single platform can complete.
 */
function ensureInstalled() {
  const lock = join(root, 'package-lock.json');
  if (!existsSync(lock)) return;
  const stamp = join(root, 'node_modules', '.rotunda-installed');
  const wanted = createHash('sha256').update(readFileSync(lock)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  process.stderr.write('rotunda: installing dependencies ...\n');
  const result = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status ?? 1);
  writeFileSync(stamp, wanted);
}

function listSources(folder, into = []) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'fixtures' || entry.name === 'node_modules' || entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) listSources(path, into);
    else if (/\.(ts|tsx)$/.test(entry.name) && !entry.name.endsWith('.d.ts')) into.push(path);
  }
  return into;
}

async function ensureBuilt(force) {
  await translate(force);
  await ensureDependenciesBundled(root);
}

/** Translates every source newer than its output, and removes the output of sources that are gone. */
async function translate(force) {
  const sources = sourceFolders
    .filter((f) => existsSync(join(root, f)))
    .flatMap((f) => listSources(join(root, f)));
  const outputOf = (source) => join(dist, relative(root, source)).replace(/\.tsx?$/, '.js');
  const stale = sources.filter((source) => {
    if (source.endsWith('.spec.ts')) return false;
    const output = statSync(outputOf(source), { throwIfNoEntry: false });
    return force || output === undefined || output.mtimeMs < statSync(source).mtimeMs;
  });
  removeOrphans(dist, new Set(sources.map(outputOf)));
  if (stale.length === 0) return;
  const { transformFile } = await import('@swc/core');
  const options = {
    cwd: root,
    swcrc: false,
    configFile: false,
    sourceMaps: 'inline',
    jsc: {
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      target: 'es2023',
      keepClassNames: true,
    },
    module: { type: 'es6' },
  };
  await Promise.all(
    stale.map(async (source) => {
      const { code } = await transformFile(source, options);
      const output = outputOf(source);
      mkdirSync(dirname(output), { recursive: true });
      writeFileSync(output, code);
    }),
  );
}

function removeOrphans(folder, wanted) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) removeOrphans(path, wanted);
    else if (path.endsWith('.js') && !wanted.has(path)) rmSync(path);
  }
}

function run(command, args, env = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  if (result.error) throw result.error;
  return result.status ?? 1;
}

function runTests(args) {
  const [kind, ...rest] = ['unit', 'int', 'e2e'].includes(args[0]) ? args : [undefined, ...args];
  const select = kind === undefined ? [] : ['--selectProjects', kind];
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const nodeOptions = `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`;
  // The selection comes last: it takes every word behind it for the name of a project.
  return run(process.execPath, [jest, ...rest, ...select], { NODE_OPTIONS: nodeOptions.trim() });
}

function runLint() {
  const bin = (name) => join(root, 'node_modules', '.bin', name);
  return (
    run(bin('tsc'), ['--noEmit']) ||
    run(bin('eslint'), ['.']) ||
    run(bin('depcruise'), ['src', '--config', '.dependency-cruiser.cjs']) ||
    run(bin('prettier'), ['--check', '--log-level', 'warn', '.'])
  );
}

const args = process.argv.slice(2);
ensureInstalled();
if (args[0] === '--only-build') {
  await ensureBuilt(args.includes('--force'));
} else if (args[0] === '--run-lint') {
  process.exitCode = runLint();
} else if (args[0] === '--run-test') {
  await ensureBuilt(false);
  process.exitCode = runTests(args.slice(1));
} else if (args[0] === '--run-bench') {
  await ensureBuilt(false);
  process.exitCode = run(process.execPath, [join(dist, 'test', 'bench', 'bench.js'), ...args.slice(1)]);
} else if (args[0] === '--run-conformance') {
  await ensureBuilt(false);
  const runner = join(dist, 'test', 'conformance', 'config', 'runner', `${args[1]}.js`);
  process.exitCode = run(process.execPath, [runner, ...args.slice(2)]);
} else if (args[0] === '--run-fuzz') {
  await ensureBuilt(false);
  const fuzzer = join(dist, 'test', 'fuzz', 'config', 'main.js');
  process.exitCode = run(process.execPath, [fuzzer, ...args.slice(1)]);
} else {
  await ensureBuilt(false);
  const command = args;
  const entry = join(dist, 'src', 'cli', 'main.js');
  process.argv = [process.argv[0], entry, ...command];
  await import(pathToFileURL(entry).href);
}
