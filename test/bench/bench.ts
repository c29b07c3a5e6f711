// `npm run bench`: speed and memory of the whole program, as medians, with the machine's figures. Asserts nothing.
//   npm run bench                all
//   npm run bench -- NAME ...    only these: start, idle, latency, throughput, output, cache, append, compile,
//                                split
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../src/platform/database/embedded/embedded-postgres.js';
import { benchEventAppend } from './event-append.js';
import { benchCache } from './cache.js';
import { benchConfig } from './config.js';
import { benchSplit } from './split.js';
import { BenchServer, makeRepository } from './bench-server.js';
import { median, ONE_JOB, pss, quantile } from './measure.js';
import { benchOutput } from './output.js';

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
    if (wants('output')) await benchOutput(server, directory, print);
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

function print(name: string, text: string): void {
  process.stdout.write(`${name}: ${text}\n`);
}
