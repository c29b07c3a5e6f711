// Entry of a worker thread: one task at a time; orbs are asked for in the main thread, which has the network.
import { workerData } from 'node:worker_threads';
import { serveTasks } from '../../../platform/threads/index.js';
import { compile } from '../compile.js';
import { compileOrb } from '../compile-orb.js';
import type { FoundOrb, OrbResolver, SizeBounds } from '../config.types.js';
import { outline } from '../outline.js';
import { compilePipeline } from '../pipeline.js';
import { plan } from '../plan/plan.js';
import type { PoolTask, TaskResult } from './protocol.js';

// The YAML parser asks for a variable of the environment at every token, and asking Node for one costs far more than looking
// into an object: with Node's own, this was a tenth of the time of a compilation. The thread has no variables anyway.
process.env = {};

/** What the pool was made with. */
const sizes = (workerData ?? {}) as SizeBounds;

serveTasks<PoolTask, TaskResult, string, FoundOrb | undefined>((task, ask) => {
  const orbs = { resolve: ask };
  switch (task.kind) {
    case 'compile':
      return compile(bounded(task.input, orbs));
    case 'pipeline':
      return compilePipeline(bounded(task.input, orbs));
    case 'orb':
      return compileOrb(bounded(task.input, orbs));
    case 'outline':
      return outline(task.source, sizes, task.fileName);
    case 'plan':
      return plan(task.document, task.ref, task.values);
  }
});

function bounded<T extends SizeBounds>(input: T, orbs: OrbResolver): T & SizeBounds & { orbs: OrbResolver } {
  return { ...sizes, ...input, limits: { ...sizes.limits, ...input.limits }, orbs };
}
