// Work queues: keyed work that is delivered at least once.
export type { WorkHandler, WorkItem, WorkQueue } from './work-queue.port.js';
export { BullWorkQueue, type BullWorkQueueOptions } from './bull-work-queue.js';
export { checkHandlers } from './check-handlers.js';
export { Reconciler, type ReconcilerOptions } from './reconciler.js';
