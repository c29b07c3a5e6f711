// Entry of a worker thread: one task at a time; orbs are asked for in the main thread, which has the network.
import { parentPort } from 'node:worker_threads';
import { compile } from '../compile.js';
import { compileOrb } from '../compile-orb.js';
import type { FoundOrb, OrbResolver } from '../config.types.js';
import { outline } from '../outline.js';
import { compilePipeline } from '../pipeline.js';
import { plan } from '../plan/plan.js';
import type { FromWorker, PoolTask, TaskResult, ToWorker } from './protocol.js';

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

async function run(task: PoolTask): Promise<TaskResult> {
  switch (task.kind) {
    case 'compile':
      return compile({ ...task.input, orbs });
    case 'pipeline':
      return compilePipeline({ ...task.input, orbs });
    case 'orb':
      return compileOrb({ ...task.input, orbs });
    case 'outline':
      return outline(task.source);
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
