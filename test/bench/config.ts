// How fast configs are compiled: one of real size beside the parsing of its YAML, large matrices, and many through the pool.
import { parse } from 'yaml';
import { CompilerPool, compilePipeline, type PipelineInput } from '../../src/pipelines/config/index.js';
import {
  matrixConfig,
  realSizeConfig,
  resolverOf,
  typicalConfig,
  type SampleConfig,
} from './config-sample.js';

type Print = (name: string, text: string) => void;

/** For matrices beyond what a server takes. */
const NO_LIMITS = {
  jobs: 1e6,
  steps: 1e7,
  nodes: 1e8,
  evaluatedNodes: 1e9,
  evaluatedCharacters: 1e10,
  compiledLength: 1e10,
};

export async function benchConfig(print: Print): Promise<void> {
  await realSize(print);
  await matrices(print);
  await throughPool(print);
}

async function realSize(print: Print): Promise<void> {
  const sample = realSizeConfig();
  const compiling: number[] = [];
  const parsing: number[] = [];
  for (let i = 0; i < 40; i += 1) {
    parsing.push(await milliseconds(() => parse(sample.source, { merge: true })));
    const { source } = sample;
    compiling.push(await milliseconds(() => compiled({ ...sample, source: `${source}# ${i}\n` })));
  }
  // The first rounds are those of a compiler that Node has not translated yet.
  const [parsed, took] = [median(parsing.slice(10)), median(compiling.slice(10))];
  print(
    `compiling ${sample.source.split('\n').length - 1} lines with three orbs`,
    `median ${took.toFixed(1)} ms, ${(took / parsed).toFixed(2)} x the ${parsed.toFixed(1)} ms that parsing its YAML takes (goal: within 3 x); the first time ${compiling[0]!.toFixed(0)} ms`,
  );
}

async function matrices(print: Print): Promise<void> {
  const results: string[] = [];
  for (const [count, rounds] of [
    [500, 15],
    [5_000, 7],
    [50_000, 3],
  ] as const) {
    const sample = matrixConfig(count);
    const times: number[] = [];
    for (let i = 0; i < rounds; i += 1) {
      const other = { ...sample, source: `${sample.source}# ${i}\n` };
      times.push(await milliseconds(() => compiled(other, NO_LIMITS)));
    }
    const took = median(times);
    results.push(`${count}: ${took.toFixed(0)} ms (${((took / count) * 1_000).toFixed(0)} µs a job)`);
  }
  print('compiling a matrix of jobs', `${results.join(', ')} (goal: 5000 under 1500 ms, and linear)`);
}

async function throughPool(print: Print): Promise<void> {
  const sample = typicalConfig();
  const pool = new CompilerPool({ workers: 1 });
  let serial = 0;
  /** The texts differ, so that none of them is known from before. */
  const another = (): SampleConfig => ({ ...sample, source: `${sample.source}# ${(serial += 1)}\n` });
  const count = sample.source.split('\n').length - 1;
  try {
    print(
      `compiling and planning ${count} lines through one worker thread, other ones each time`,
      `${await perSecond(pool, another)} (goal: 200 per core)`,
    );
    print(
      `compiling and planning ${count} lines through one worker thread, the same again`,
      await perSecond(pool, () => sample),
    );
  } finally {
    await pool.close();
  }
}

async function perSecond(pool: CompilerPool, next: () => SampleConfig): Promise<string> {
  const rounds: number[] = [];
  const busy: number[] = [];
  for (let i = 0; i < 8; i += 1) {
    const count = 200;
    const before = process.cpuUsage();
    const took = await milliseconds(() =>
      Promise.all(Array.from({ length: count }, async () => mustWork(await pool.pipeline(inputOf(next()))))),
    );
    const { user, system } = process.cpuUsage(before);
    if (i < 3) continue;
    rounds.push((count / took) * 1_000);
    busy.push((count / (user + system)) * 1_000_000);
  }
  return `median ${median(rounds).toFixed(0)} per second, ${median(busy).toFixed(0)} per second of processor time, in the best round ${Math.max(...busy).toFixed(0)}`;
}

async function compiled(sample: SampleConfig, limits?: PipelineInput['limits']): Promise<void> {
  mustWork(await compilePipeline({ ...inputOf(sample), limits }));
}

function mustWork(result: Awaited<ReturnType<typeof compilePipeline>>): void {
  if (!result.ok) throw new Error(`the sample does not compile: ${JSON.stringify(result.errors[0])}`);
}

function inputOf(sample: SampleConfig): PipelineInput {
  return {
    source: sample.source,
    parameters: {},
    values: { 'git.branch': 'main', 'git.branch.is_default': true },
    orbs: resolverOf(sample),
    fileName: '.circleci/config.yml',
    ref: { branch: 'main', isDefaultBranch: true },
  };
}

async function milliseconds(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
