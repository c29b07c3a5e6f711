// The environment variables of a task's commands and their order of precedence (LANGUAGE C-338 to C-352).
import type { ClaimedTask } from '../../protocol/index.js';
import type { ExecutionEnvironment } from '../executors/executor.port.js';
import { maskedValues } from '../output/masker.js';

/** Built-in variables whose value is a credential: shown and printed masked like a secret of the user. */
const BUILTIN_CREDENTIALS = /^CIRCLE_(OIDC_TOKEN(_V2)?|CONTINUATION_KEY|JWT)$/;

/** Where the agent keeps its own files inside the environment. */
export interface AgentPlaces {
  /** Directory of all of them. */
  base: string;
  /** Sourced by bash before each step (C-341). */
  bashEnv: string;
  taskData: string;
  scratch: string;
  /** Holds `circleci-agent` and `circleci`; last in PATH. */
  tools: string;
  /** Where the in-job command puts its calls. */
  calls: string;
  /** Made by `circleci-agent step halt`. */
  haltFile: string;
  config: string;
}

export function placesOf(task: ClaimedTask, environment: ExecutionEnvironment): AgentPlaces {
  const base = environment.scratch ?? '/tmp';
  const run = `${task.jobId}-${task.nodeIndex}-build`;
  const scratch = `${base}/circleci-${task.jobNumber}-${task.taskId.slice(-8)}`;
  return {
    base,
    bashEnv: `${base}/.bash_env-${run}`,
    taskData: `${base}/.circleci-task-data-${run}`,
    scratch,
    tools: `${scratch}/bin`,
    calls: `${scratch}/calls`,
    haltFile: `${scratch}/halt`,
    config: `${scratch}/runner-config.json`,
  };
}

export class TaskVariables {
  /** What the server and the agent set. */
  readonly builtin: Record<string, string>;
  /** Values that must not be seen in output. */
  readonly masked: string[];

  constructor(
    private readonly task: ClaimedTask,
    private readonly environment: ExecutionEnvironment,
    private readonly places: AgentPlaces,
  ) {
    this.builtin = {
      CI: 'true',
      CIRCLECI: 'true',
      CIRCLE_JOB: task.jobName,
      CIRCLE_STAGE: task.jobName,
      CIRCLE_NODE_INDEX: String(task.nodeIndex),
      CIRCLE_NODE_TOTAL: String(task.nodeTotal),
      NO_PROXY: environment.baseEnvironment['NO_PROXY'] ?? '127.0.0.1,localhost',
      ...task.builtinEnvironment,
      BASH_ENV: places.bashEnv,
      CIRCLE_SHELL_ENV: places.bashEnv,
      CIRCLE_WORKING_DIRECTORY: environment.workingDirectory,
      CIRCLE_INTERNAL_TASK_DATA: places.taskData,
      CIRCLE_INTERNAL_SCRATCH: places.scratch,
      CIRCLE_INTERNAL_CONFIG: places.config,
    };
    this.masked = secretsOf(task);
  }

  /** The variables of one command: the step's over the job's over built-in over secret ones. */
  forStep(stepEnvironment: Record<string, string> = {}): Record<string, string> {
    const variables = {
      ...this.task.secretEnvironment,
      ...this.builtin,
      ...this.task.definition.environment,
      ...stepEnvironment,
    };
    const path =
      variables['PATH'] ?? this.environment.baseEnvironment['PATH'] ?? '/usr/local/bin:/usr/bin:/bin';
    return { ...variables, PATH: `${path}:${this.places.tools}`, ROTUNDA_HALT_FILE: this.places.haltFile };
  }

  /** `.Environment.NAME` of a cache key: built-in and secret ones only, never a step's or job's (C-264). */
  forCacheKey(): Record<string, string> {
    return { ...this.task.secretEnvironment, ...this.builtin };
  }

  /** Text of the step "Preparing environment variables" (C-345). */
  listing(): string {
    const lines = ['Using build environment variables:'];
    for (const [name, value] of Object.entries(this.builtin).sort(byName)) {
      lines.push(`  ${name}=${BUILTIN_CREDENTIALS.test(name) ? '**REDACTED**' : value}`);
    }
    const secret = Object.keys(this.task.secretEnvironment).sort();
    if (secret.length > 0) {
      lines.push('', '', 'Using environment variables from project settings and/or contexts:');
      for (const name of secret) lines.push(`  ${name}=**REDACTED**`);
      lines.push('', 'The redacted variables listed above will be masked in run step output.');
    }
    return `${lines.join('\n')}\n`;
  }
}

/** The values of a task that are masked in all of its output. */
export function secretsOf(task: ClaimedTask): string[] {
  const credentials = Object.entries(task.builtinEnvironment).filter(([name]) =>
    BUILTIN_CREDENTIALS.test(name),
  );
  return maskedValues({ ...Object.fromEntries(credentials), ...prefixed(task.secretEnvironment) });
}

/** A secret may have a built-in's name and another value: both are masked. */
function prefixed(environment: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [`secret ${name}`, value]));
}

function byName(a: [string, string], b: [string, string]): number {
  return a[0] < b[0] ? -1 : 1;
}
