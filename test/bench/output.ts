// How long much output takes until it is stored, and what masking costs of that.
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeRepository, type BenchServer } from './bench-server.js';
import { median, ONE_JOB, pss, type Print } from './measure.js';

const run = promisify(execFile);
const BYTES = 209_715_200;
const COMMAND = `seq 1 100000000 | head -c ${BYTES} || true`;
const SECRETS = 20;
const PARTS = ['server', 'agent', 'postgres'] as const;

interface Flood {
  /** By the step's own times, in ms. */
  step: number;
  /** From the trigger until all is stored and the pipeline has ended, in ms. */
  whole: number;
  /** Processor time by part, in ms. */
  used: number[];
  /** Bytes. */
  stored: number;
  /** By how much memory grew at most, in MB. */
  grown: number;
}

export async function benchOutput(server: BenchServer, directory: string, print: Print): Promise<void> {
  const repository = await makeRepository(directory, 'output', ONE_JOB(COMMAND));
  const plain = await server.project('output', repository);
  const secret = await server.project('output-masked', repository);
  for (let i = 0; i < SECRETS; i += 1)
    await server.variable(secret, `SECRET_${i}`, `a-secret-${i}-${'0123456789abcdef'.slice(i % 8)}`);
  const file = join(directory, 'redirected');
  const directs: number[] = [];
  const floods: Flood[] = [];
  const masked: Flood[] = [];
  // In turns, so that what else the machine does hits all alike.
  for (let i = 0; i < 5; i += 1) {
    const started = performance.now();
    await run('/bin/bash', ['-eo', 'pipefail', '-c', `(${COMMAND}) > ${file}`]);
    directs.push(performance.now() - started);
    floods.push(await flood(server, plain));
    masked.push(await flood(server, secret));
  }
  const middle = (of: Flood[], value: (each: Flood) => number): number => median(of.map(value));
  const ratio = (value: (each: Flood) => number): string =>
    median(floods.map((each, i) => value(each) / directs[i]!)).toFixed(2);
  const more = floods.at(-1)!.stored - (await stat(file)).size;
  print(
    'a step printing 200 MB',
    `${ratio(({ step }) => step)} x the redirected command (goal: under 1.5; from the trigger until all is stored and the pipeline has ended: ${ratio(({ whole }) => whole)} x), ${more} bytes more than the file stored (the command's own lines), memory grew by at most ${Math.max(...floods.map(({ grown }) => grown))} MB`,
  );
  const [ofServer, ofAgent, ofPostgres] = PARTS.map((_, part) => middle(floods, ({ used }) => used[part]!));
  print(
    'the same in ms',
    `redirected ${median(directs).toFixed(0)} ms, from the trigger to the end ${middle(floods, ({ whole }) => whole).toFixed(0)} ms; processor time: server ${ofServer} ms, agent with the step ${ofAgent} ms, PostgreSQL ${ofPostgres} ms`,
  );
  const cost = (value: (each: Flood) => number): string =>
    ((median(floods.map((each, i) => value(masked[i]!) / value(each))) - 1) * 100).toFixed(0);
  print(
    `masking ${SECRETS} secrets in it`,
    `${cost(({ whole }) => whole)} % longer from the trigger to the end (goal: under 20 %), the step ${cost(({ step }) => step)} %; ${(middle(masked, ({ used }) => used[1]!) - ofAgent!).toFixed(0)} ms more processor time of the agent`,
  );
}

async function flood(server: BenchServer, slug: string): Promise<Flood> {
  const watched = async (): Promise<number> =>
    pss([...(await server.processes('server')), ...(await server.processes('agent'))]);
  const cpu = (): Promise<number[]> => Promise.all(PARTS.map((part) => server.cpuTime(part)));
  const memory = await watched();
  const before = await cpu();
  let grown = 0;
  const started = performance.now();
  const { id } = await server.trigger(slug);
  const watch = setInterval(() => {
    watched()
      .then((now) => (grown = Math.max(grown, now - memory)))
      .catch(() => undefined);
  }, 250);
  // The step ends when its program has; its job only when the server has all of its output.
  const job = await server.endedJob(id, 120_000).finally(() => clearInterval(watch));
  const whole = performance.now() - started;
  const used = (await cpu()).map((after, part) => after - before[part]!);
  const step = await server.stepOf(job, (each) => each['type'] === 'run');
  return {
    step: Date.parse(String(step['ended_at'])) - Date.parse(String(step['started_at'])),
    whole,
    used,
    stored: await server.outputLength(job, Number(step['index'])),
    grown,
  };
}
