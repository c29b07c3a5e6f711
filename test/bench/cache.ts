// How long saving and restoring a cache takes beside `tar | zstd` on the same disk: 500 MB in 20,000 files.
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BenchServer, makeRepository } from './bench-server.js';

type Print = (name: string, text: string) => void;

const run = promisify(execFile);
const FILES = 20_000;
const FILE_BYTES = 25_000;
const ROUNDS = 3;
const LIMIT_MS = 300_000;

/** `directory`: of this bench, empty at first. */
export async function benchCache(server: BenchServer, directory: string, print: Print): Promise<void> {
  await mkdir(directory);
  const tree = join(directory, 'deps');
  await makeTree(tree);
  const file = join(directory, 'deps.tar.zst');
  const slug = await server.project('cache', await makeRepository(directory, 'cache', configOf(tree)));
  const times = { save: [] as number[], tar: [] as number[], restore: [] as number[], untar: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    times.tar.push(await timed(`tar -cf - -C ${directory} deps | zstd -q -f -o ${file}`));
    const saving = await server.endedJob((await server.trigger(slug)).id, LIMIT_MS);
    times.save.push(await took(server, saving, 'save_cache'));
    await run('sync');
    times.untar.push(
      await timed(`mkdir ${directory}/out && zstd -q -d -c ${file} | tar -xf - -C ${directory}/out`),
    );
    await rm(join(directory, 'out'), { recursive: true });
    await run('sync');
    times.restore.push(await took(server, saving, 'restore_cache'));
  }
  for (const [name, ours, theirs] of [
    ['saving', times.save, times.tar],
    ['restoring', times.restore, times.untar],
  ] as const) {
    const ratios = ours.map((each, i) => each / theirs[i]!);
    print(
      `${name} a cache of 500 MB in 20,000 files`,
      `median ${median(ours).toFixed(0)} ms, ${median(ratios).toFixed(2)} x tar and zstd on the same disk (median ${median(theirs).toFixed(0)} ms; goal: within 1.3 x); each ${ours.map((each, i) => `${each.toFixed(0)}/${theirs[i]!.toFixed(0)}`).join(', ')}`,
    );
  }
}

/** The job has the files in its home directory; one job saves them, and another one finds them there. */
function configOf(tree: string): string {
  return `version: 2.1
jobs:
  build:
    machine: true
    steps:
      - run: cp -r ${tree} ~/deps; sync
      - save_cache: { key: "deps-<< pipeline.number >>", paths: [~/deps] }
      - run: rm -r ~/deps; sync
      - restore_cache: { key: "deps-<< pipeline.number >>" }
      - run: diff -r ${tree} ~/deps
workflows:
  main: { jobs: [build] }
`;
}

/** Files as packages have them: scripts of this program's own dependencies, in small directories. */
async function makeTree(tree: string): Promise<void> {
  const material: Buffer[] = [];
  let size = 0;
  for (const name of await readdir('node_modules', { recursive: true })) {
    if (size > 4 * FILE_BYTES * 1000) break;
    if (!/\.(js|ts|json|md)$/.test(name)) continue;
    const content = await readFile(join('node_modules', name)).catch(() => Buffer.alloc(0));
    material.push(content);
    size += content.length;
  }
  const all = Buffer.concat(material);
  for (let i = 0; i < FILES; i += 1) {
    const path = join(tree, `package-${i % 400}`, `part-${i % 7}`);
    if (i < 2800) await mkdir(path, { recursive: true });
    const at = (i * (FILE_BYTES + 37)) % (all.length - FILE_BYTES);
    await writeFile(join(path, `file-${i}.js`), all.subarray(at, at + FILE_BYTES));
  }
}

/** Milliseconds of a shell text. */
async function timed(text: string): Promise<number> {
  const before = performance.now();
  await run('/bin/bash', ['-eo', 'pipefail', '-c', text]);
  return performance.now() - before;
}

async function took(server: BenchServer, job: string, type: string): Promise<number> {
  const step = await server.stepOf(job, (each) => each['type'] === type);
  return Date.parse(String(step['ended_at'])) - Date.parse(String(step['started_at']));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
