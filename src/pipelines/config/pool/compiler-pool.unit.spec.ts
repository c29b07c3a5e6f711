// The pool with real threads. They run the built file, which `npm test` makes before the tests.
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { CompileInput } from '../config.types.js';
import { CompilerPool, type CompilerPoolOptions } from './compiler-pool.js';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..');
const built = join(root, 'dist', 'src', 'pipelines', 'config', 'pool', 'worker.js');
const pools: CompilerPool[] = [];

function pool(options: CompilerPoolOptions = {}): CompilerPool {
  if (!existsSync(built)) throw new Error(`${built} is missing: run \`npm run build\` first`);
  const made = new CompilerPool({ workerUrl: pathToFileURL(built), ...options });
  pools.push(made);
  return made;
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((made) => made.close()));
});

const job = 'docker: [{image: a}], steps: [checkout]';
function input(source: string, more: Partial<CompileInput> = {}): CompileInput {
  return { source, parameters: {}, values: {}, orbs: { resolve: async () => undefined }, ...more };
}
const simple = input(`version: 2.1\njobs: {build: {${job}}}`);
/** Commands that call each other 2^45 times and make no step, which no limit on sizes stops. */
const slow = input(
  `version: 2.1\ncommands:\n  c0: {steps: [{when: {condition: false, steps: [checkout]}}]}\n${Array.from(
    { length: 45 },
    (_, i) => `  c${i + 1}: {steps: [c${i}, c${i}]}`,
  ).join('\n')}\njobs: {build: {docker: [{image: a}], steps: [c45]}}`,
);

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('the condition did not come true within 5 s');
    await new Promise((resolveNow) => setImmediate(resolveNow));
  }
}

describe('CompilerPool', () => {
  test('starts nothing before the first task and compiles several at once', async () => {
    const made = pool();
    expect(made.size).toBe(0);
    const results = await Promise.all(Array.from({ length: 5 }, () => made.compile(simple)));
    expect(results.map((result) => result.ok)).toEqual([true, true, true, true, true]);
    expect(made.size).toBe(2);
  });

  test('asks for orbs in the main thread', async () => {
    const asked: string[] = [];
    const orbs = {
      resolve: async (reference: string) => {
        asked.push(reference);
        return { source: `version: 2.1\njobs: {j: {${job}}}`, resolvedReference: 'ns/o@1.2.3' };
      },
    };
    const source = 'version: 2.1\norbs: {o: ns/o@1}\nworkflows: {w: {jobs: [o/j]}}';
    const result = await pool().compile(input(source, { orbs }));
    expect(asked).toEqual(['ns/o@1']);
    expect(result.ok && result.yaml).toContain("# Orb 'ns/o@1' resolved to 'ns/o@1.2.3'");
  });

  test('a resolver that fails, or does not answer, ends as a problem', async () => {
    const source = 'version: 2.1\norbs: {o: ns/o@1}\nworkflows: {w: {jobs: [o/j]}}';
    const failing = { resolve: () => Promise.reject(new Error('the registry is down')) };
    expect(await pool().compile(input(source, { orbs: failing }))).toEqual({
      ok: false,
      errors: [{ message: 'The config could not be compiled: the registry is down' }],
    });
    const silent = { resolve: () => new Promise<undefined>(() => undefined) };
    expect(await pool({ orbMilliseconds: 50 }).compile(input(source, { orbs: silent }))).toEqual({
      ok: false,
      errors: [{ message: 'The config could not be compiled: Finding ns/o@1 took longer than 0.05 s' }],
    });
  });

  test('a config that computes too long is stopped, and the next one is served', async () => {
    const made = pool({ milliseconds: 2_000, workers: 1 });
    const [first, second] = await Promise.all([made.compile(slow), made.compile(simple)]);
    expect(first).toEqual({ ok: false, errors: [{ message: 'Config compilation took longer than 2 s' }] });
    expect(second.ok).toBe(true);
  });

  test('a filter that would keep a backtracking engine busy is answered', async () => {
    const filters = { branches: { only: '/(a|a)*b/' } };
    const document = {
      version: 2 as const,
      jobs: { build: { docker: [{ image: 'a' }], steps: ['checkout'] } },
      workflows: { w: { jobs: [{ build: { filters } }] } },
    };
    const made = pool();
    expect(await made.plan(document, { branch: 'a'.repeat(60) })).toMatchObject({ ok: true, workflows: [] });
    expect(await made.plan(document, { branch: 'ab' })).toMatchObject({
      ok: true,
      workflows: [{ name: 'w' }],
    });
  });

  test('compiling and planning in one go has the same limits, and messages may name them', async () => {
    const made = pool({ milliseconds: 2_000, names: { milliseconds: 'TIME', memoryMegabytes: 'MEMORY' } });
    expect(await made.pipeline({ ...slow, ref: { branch: 'x' } })).toEqual({
      ok: false,
      stage: 'config',
      errors: [{ message: 'Config compilation took longer than 2 s (the limit TIME)' }],
    });
    expect(await made.pipeline({ ...simple, ref: { branch: 'x' } })).toMatchObject({
      ok: true,
      workflows: [{ name: 'workflow', jobs: [{ name: 'build' }] }],
    });
  });

  test('limits on size hold for every kind of task, and their messages name them', async () => {
    const sizes = { limits: { sourceLength: 100 }, limitNames: { sourceLength: 'SOURCE' } };
    const made = pool({ sizes });
    const long = input(`version: 2.1\njobs: {build: {${job}}}\n#${'x'.repeat(100)}`);
    const message = 'The config is too large: it has more than 100 characters (the limit SOURCE)';
    const told = { ok: false, errors: [{ message }] };
    expect(await made.compile(long)).toEqual(told);
    expect(await made.pipeline({ ...long, ref: { branch: 'x' } })).toMatchObject(told);
    expect(await made.compileOrb(long)).toEqual(told);
    expect(await made.outline(long.source)).toEqual(told);
    expect((await made.compile(simple)).ok).toBe(true);
  });

  test('the start of a worker is not the time of the config', async () => {
    const made = pool({ milliseconds: 1_000, workers: 1 });
    // Keeps this thread, and so the word that the worker has started, for longer than the config may take.
    const end = Date.now() + 1_500;
    const compiling = made.compile(simple);
    while (Date.now() < end);
    expect((await compiling).ok).toBe(true);
  });

  test('the orbs of one config have a limit together', async () => {
    const orbs = { resolve: () => new Promise<undefined>((done) => setTimeout(() => done(undefined), 100)) };
    const names = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${name}: ns/${name}@1`);
    const source = `version: 2.1\norbs: {${names.join(', ')}}\njobs: {build: {${job}}}`;
    const result = await pool({ allOrbsMilliseconds: 250 }).compile(input(source, { orbs }));
    expect(result).toEqual({
      ok: false,
      errors: [
        {
          message: 'The config could not be compiled: Finding the orbs of the config took longer than 0.25 s',
        },
      ],
    });
  });

  test('a worker that runs out of memory does not take the process with it', async () => {
    const many = `version: 2.1\njobs: {build: {${job}}}\nx:\n${'  - [a, b, c, d]\n'.repeat(150_000)}`;
    const made = pool({ memoryMegabytes: 16, names: { milliseconds: 'TIME', memoryMegabytes: 'MEMORY' } });
    const message = 'The config could not be compiled: it needs more than 16 MB of memory (the limit MEMORY)';
    expect(await made.compile(input(many))).toEqual({ ok: false, errors: [{ message }] });
  });

  test('idle workers end; warm() starts one ahead', async () => {
    const made = pool({ idleMilliseconds: 20 });
    made.warm();
    expect(made.size).toBe(1);
    await until(() => made.size === 0);
    expect((await made.compile(simple)).ok).toBe(true);
  });

  test('refuses more waiting tasks than it may hold, and everything once closed', async () => {
    const made = pool({ workers: 1, waiting: 1 });
    const running = [made.compile(simple), made.compile(simple)];
    expect(await made.compile(simple)).toEqual({
      ok: false,
      errors: [{ message: 'More than 1 configs are waiting to be compiled; try again later' }],
    });
    await Promise.all(running);
    await made.close();
    expect(await made.compile(simple)).toEqual({
      ok: false,
      errors: [{ message: 'The config could not be compiled: the compiler was closed' }],
    });
  });
});
