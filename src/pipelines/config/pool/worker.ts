// Entry of a worker thread: one task at a time; orbs are asked for in the main thread, which has the network.
import { parentPort, workerData } from 'node:worker_threads';
import { compile } from '../compile.js';
import { compileOrb } from '../compile-orb.js';
import type { FoundOrb, OrbResolver, SizeBounds } from '../config.types.js';
import { outline } from '../outline.js';
import { compilePipeline } from '../pipeline.js';
import { plan } from '../plan/plan.js';
import type { FromWorker, PoolTask, TaskResult, ToWorker } from './protocol.js';

/** What the pool was made with. */
const sizes = (workerData ?? {}) as SizeBounds;
const calls = new Map<number, { resolve(found?: FoundOrb): void; reject(error: Error): void }>();
let lastCall = 0;

const orbs: OrbResolver = {
  resolve: (reference) =>
    new Promise((resolve, reject) => {
      lastCall += 1;
      calls.set(lastCall, { resolve, reject });
      send({ kind: 'orb-wanted', call: lastCall, reference });
    }),
};

function send(message: FromWorker): void {
  parentPort?.postMessage(message);
}

function bounded<T extends SizeBounds>(input: T): T & SizeBounds & { orbs: OrbResolver } {
  return { ...sizes, ...input, limits: { ...sizes.limits, ...input.limits }, orbs };
}

async function run(task: PoolTask): Promise<TaskResult> {
  switch (task.kind) {
    case 'compile':
      return compile(bounded(task.input));
    case 'pipeline':
      return compilePipeline(bounded(task.input));
    case 'orb':
      return compileOrb(bounded(task.input));
    case 'outline':
      return outline(task.source, sizes);
    case 'plan':
      return plan(task.document, task.ref, task.values);
  }
}

send({ kind: 'ready' });
parentPort?.on('message', (message: ToWorker) => {
  if (message.kind === 'task') {
    void run(message.task).then((result) => send({ kind: 'result', result }));
    return;
  }
  const call = calls.get(message.call);
  calls.delete(message.call);
  if (message.error === undefined) call?.resolve(message.found);
  else call?.reject(new Error(message.error));
});
