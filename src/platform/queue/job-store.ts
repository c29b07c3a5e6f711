// What the queue needs from BullMQ and a store below it. PostgreSQL and Redis differ in this file's implementations only.
import type { JobsOptions, Processor, WorkerOptions } from 'bullmq';

/** The payload's JSON as one text: PostgreSQL's jsonb refuses NUL characters and lone surrogates, JSON in a text has none. */
export interface JobData {
  payload: string;
}

export interface NewJob {
  name: string;
  data: JobData;
  opts: JobsOptions;
}

export interface JobQueue {
  add(name: string, data: JobData, opts: JobsOptions): Promise<unknown>;
  addBulk(jobs: NewJob[]): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  close(): Promise<void>;
}

export interface JobWorker {
  run(): Promise<void>;
  close(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export type JobProcessor = Processor<JobData, void, string>;
export type JobWorkerOptions = Omit<WorkerOptions, 'connection' | 'prefix' | 'telemetry'>;

export interface JobStore {
  /** Connects, and makes what the store needs. Throws when it cannot be reached. */
  open(): Promise<void>;
  /** Makes again what someone dropped. */
  repair(): Promise<void>;
  queue(name: string): JobQueue;
  worker(name: string, process: JobProcessor, options: JobWorkerOptions): JobWorker;
  /** Which of these job ids the queue holds, waiting or running. */
  existing(queue: string, jobIds: string[]): Promise<Set<string>>;
  close(): Promise<void>;
}

/** Nobody reads BullMQ's event streams here, so they are kept short. */
export const KEPT_EVENTS = 100;
