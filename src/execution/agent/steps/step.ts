// What a step gets to work with, and how it ends.
import type { ClaimedTask, StepStatus } from '../../protocol/index.js';
import type { Executor, ExecutionEnvironment } from '../executors/executor.port.js';
import { absolutePath } from '../files/paths.js';
import type { StepOutput } from '../output/step-output.js';
import type { TaskApi } from '../server/server-api.js';
import type { AgentPlaces, TaskVariables } from '../task/variables.js';

export interface StepContext {
  task: ClaimedTask;
  /** Of the step in the task. */
  index: number;
  api: TaskApi;
  executor: Executor['name'];
  environment: ExecutionEnvironment;
  variables: TaskVariables;
  places: AgentPlaces;
  /** Program and arguments of the job's shell, and how they are shown. */
  shell: string;
  output: StepOutput;
  /** Aborted when the task ends before its time; the reason is a TaskEnded. */
  signal: AbortSignal;
  /** Seconds since the epoch, for cache keys. */
  now(): Date;
}

export interface StepResult {
  status: Extract<StepStatus, 'success' | 'failed' | 'timedout' | 'canceled'>;
  exitCode?: number;
}

export const SUCCESS: StepResult = { status: 'success' };

/** The step fails with this text in its output. */
export class StepFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StepFailure';
  }
}

/** The task is over before its steps are: canceled, out of time, the environment or the claim lost, the agent going. */
export class TaskEnded extends Error {
  constructor(
    readonly status: 'canceled' | 'timedout' | 'infrastructure_fail' | 'lost',
    message: string,
  ) {
    super(message);
    this.name = 'TaskEnded';
  }
}

/** A path as written in a step, absolute: relative ones start at the job's working directory. */
export function stepPath(context: StepContext, path: string): string {
  return absolutePath(path, context.environment.workingDirectory, context.environment.home);
}
