// `npm run bench`: speed and memory of the whole program, as medians, with the machine's figures. Asserts nothing.
//   npm run bench                all
//   npm run bench -- NAME ...    only these: start, idle, latency, throughput, output, cache, append, compile,
//                                split
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEmbeddedPostgres } from '../../src/platform/database/embedded/embedded-postgres.js';
import { benchEventAppend } from './event-append.js';
import { benchCache } from './cache.js';
import { benchConfig } from './config.js';
import { benchSplit } from './split.js';
import { BenchServer, makeRepository } from './bench-server.js';

const run = promisify(execFile);
const ONE_JOB = (command: string): string =>
  `version: 2.1\njobs:\n  build:\n    machine: true\n    steps:\n      - run: ${JSON.stringify(command)}\nworkflows:\n  main:\n    jobs: [build]\n`;

const wanted = process.argv.slice(2);
const wants = (name: string): boolean => wanted.length === 0 || wanted.includes(name);
const directory = await mkdtemp(join(tmpdir(), 'rotunda-bench-'));
// As root, PostgreSQL runs as a user of its own, who must be able to enter.
await chmod(directory, 0o755);

print(
  'machine',
  `${cpus().length} cores, ${cpus()[0]?.model ?? '?'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}`,
);
try {
  if (wants('append')) await append();
  if (wants('compile')) await benchConfig(print);
  if (wants('split')) await benchSplit(print);
  if (['start', 'idle', 'latency', 'throughput', 'output', 'cache'].some(wants)) await benchServer();
} finally {
  await rm(directory, { recursive: true, force: true });
}

async function benchServer(): Promise<void> {
  const server = await BenchServer.start(join(directory, 'data'));
  try {
    if (wants('start')) await warmStarts(server);
    if (wants('idle')) await idleMemory(server);
    if (wants('latency')) await latency(server);
    if (wants('throughput')) await throughput(server);
    if (wants('output')) await output(server);
    if (wants('cache')) await benchCache(server, join(directory, 'cache-files'), print);
  } finally {
    await server.stop();
  }
}

async function append(): Promise<void> {
  const postgres = await startEmbeddedPostgres({
    dataDirectory: join(directory, 'pg'),
    log: () => undefined,
  });
  try {
    await benchEventAppend(postgres.url);
  } finally {
    await postgres.stop();
  }
}

async function warmStarts(server: BenchServer): Promise<void> {
  const times: number[] = [];
  for (let i = 0; i < 5; i += 1) {
    await server.stop();
    times.push(await server.start());
  }
  print('warm start to /health/ready', `median ${median(times).toFixed(0)} ms (goal: under 2000 ms)`);
}

/** Proportional set size: pages that processes share are counted once. */
async function idleMemory(server: BenchServer): Promise<void> {
  await server.settle(10_000);
  const own = await pss(await server.processes('server'));
  const postgres = await pss(await server.processes('postgres'));
  const agent = await pss(await server.processes('agent'));
  print(
    'idle memory (PSS)',
    `server ${own} MB + PostgreSQL ${postgres} MB = ${own + postgres} MB (goal: under 250 MB); agent process ${agent} MB`,
  );
}

async function latency(server: BenchServer): Promise<void> {
  const slug = await server.project(
    'latency',
    await makeRepository(directory, 'latency', ONE_JOB('date +%s%3N')),
  );
  const times: number[] = [];
  for (let i = 0; i < 25; i += 1) {
    const before = Date.now();
    const { id } = await server.trigger(slug);
    const job = await server.endedJob(id);
    const text = await server.outputOf(job, (step) => step['type'] === 'run');
    if (i >= 5) times.push(Number(/^\d{13}$/m.exec(text)?.[0]) - before);
  }
  print(
    'trigger to first run step printing',
    `p50 ${quantile(times, 0.5).toFixed(0)} ms, p90 ${quantile(times, 0.9).toFixed(0)} ms (goal: p50 under 150 ms), ${times.length} runs`,
  );
}

async function throughput(server: BenchServer): Promise<void> {
  const slug = await server.project(
    'throughput',
    await makeRepository(directory, 'throughput', ONE_JOB('true')),
  );
  const one = async (): Promise<void> => {
    const { id } = await server.trigger(slug);
    await server.ended(id);
  };
  // "Sustained": what V8 and PostgreSQL prepare on the first hundred is behind.
  for (let i = 0; i < 100; i += 1) await one();
  const parts = ['server', 'agent', 'postgres'] as const;
  const cpu = (): Promise<number[]> => Promise.all(parts.map((part) => server.cpuTime(part)));
  const rates: number[] = [];
  const before = await cpu();
  let pipelines = 0;
  for (let round = 0; round < 3; round += 1) {
    const count = 100;
    let left = count;
    const started = performance.now();
    const worker = async (): Promise<void> => {
      while (left-- > 0) await one();
    };
    await Promise.all([worker(), worker()]);
    rates.push(count / ((performance.now() - started) / 1000));
    pipelines += count;
  }
  const used = (await cpu()).map((after, i) => ((after - before[i]!) / pipelines).toFixed(1));
  print(
    'pipelines of one no-op job, 2 at a time',
    `median ${median(rates).toFixed(1)} per second (goal: 15)`,
  );
  print(
    'processor time of one such pipeline',
    `server ${used[0]} ms, agent with its jobs ${used[1]} ms (goal: at most 30 ms), PostgreSQL ${used[2]} ms`,
  );
}

async function output(server: BenchServer): Promise<void> {
  const bytes = 209_715_200;
  const command = `seq 1 100000000 | head -c ${bytes} || true`;
  const file = join(directory, 'redirected');
  const slug = await server.project('output', await makeRepository(directory, 'output', ONE_JOB(command)));
  const ratios: number[] = [];
  const wholes: number[] = [];
  const directs: number[] = [];
  const absolutes: number[] = [];
  const parts = ['server', 'agent', 'postgres'] as const;
  const cpu = (): Promise<number[]> => Promise.all(parts.map((part) => server.cpuTime(part)));
  const used: number[][] = [[], [], []];
  let stored = 0;
  let peak = 0;
  for (let i = 0; i < 3; i += 1) {
    const started = performance.now();
    await run('/bin/bash', ['-eo', 'pipefail', '-c', `(${command}) > ${file}`]);
    const direct = performance.now() - started;
    const before = await pss([...(await server.processes('server')), ...(await server.processes('agent'))]);
    const cpuBefore = await cpu();
    const triggered = performance.now();
    const { id } = await server.trigger(slug);
    const watch = setInterval(() => {
      void Promise.all([server.processes('server'), server.processes('agent')])
        .then((found) => pss(found.flat()))
        .then((now) => (peak = Math.max(peak, now - before)))
        .catch(() => undefined);
    }, 250);
    const job = await server.endedJob(id, 120_000);
    clearInterval(watch);
    // The step ends when its program has; its job only when the server has all of its output.
    const whole = performance.now() - triggered;
    directs.push(direct);
    absolutes.push(whole);
    wholes.push(whole / direct);
    for (const [part, after] of (await cpu()).entries()) used[part]!.push(after - cpuBefore[part]!);
    const step = await server.stepOf(job, (each) => each['type'] === 'run');
    const wall = Date.parse(String(step['ended_at'])) - Date.parse(String(step['started_at']));
    ratios.push(wall / direct);
    stored = await server.outputLength(job, Number(step['index']));
  }
  const size = (await stat(file)).size;
  print(
    'a step printing 200 MB',
    `${median(ratios).toFixed(2)} x the redirected command (goal: under 1.5; from the trigger until all is stored and the pipeline has ended: ${median(wholes).toFixed(2)} x), ${stored - size} bytes more than the file stored (the command's own lines), memory grew by at most ${peak} MB`,
  );
  print(
    'the same in ms',
    `redirected ${median(directs).toFixed(0)} ms, from the trigger to the end ${median(absolutes).toFixed(0)} ms; processor time: server ${median(used[0]!)} ms, agent with the step ${median(used[1]!)} ms, PostgreSQL ${median(used[2]!)} ms`,
  );
}

async function pss(pids: number[]): Promise<number> {
  let kilobytes = 0;
  for (const pid of pids) {
    const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    kilobytes += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
  }
  return Math.round(kilobytes / 1024);
}

function median(values: number[]): number {
  return quantile(values, 0.5);
}

function quantile(values: number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

function print(name: string, text: string): void {
  process.stdout.write(`${name}: ${text}\n`);
}
