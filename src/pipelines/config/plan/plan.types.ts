// What the conductor and the agent work from: workflows and jobs made concrete for one pipeline.
// Made from a compiled document by plan(); the document itself is kept as the original would print it.

/** Ends of a job that `requires` can name (LANGUAGE C-284). */
export type JobOutcome = 'success' | 'failed' | 'canceled' | 'unauthorized' | 'not_run';

export interface Requirement {
  /** The name of the other job inside the workflow. */
  job: string;
  /** Any of these lets the job run. */
  statuses: JobOutcome[];
}

export interface PlannedWorkflow {
  name: string;
  jobs: PlannedJob[];
  maxAutoReruns?: number;
}

/**
 * `approval` waits for somebody, `no-op` ends as soon as it may run, `lock` and `unlock` take and give back the lock of a
 * serial group (LANGUAGE C-216 to C-220).
 */
export type PlannedJobType = 'build' | 'approval' | 'no-op' | 'release' | 'lock' | 'unlock';

export interface PlannedJob {
  /** Unique in the workflow. */
  name: string;
  type: PlannedJobType;
  requires: Requirement[];
  contexts: string[];
  /** Set for type `build`. */
  definition?: JobDefinition;
  /** Set for types `lock` and `unlock`: the key of the serial group. */
  serialGroup?: string;
  /** Set for type `release`. */
  release?: PlannedRelease;
}

export interface PlannedRelease {
  planName: string;
  /** As written; nobody looks at it yet. */
  validation?: Record<string, unknown>;
}

/** A workflow that runs by the clock (LANGUAGE C-313). */
export interface PlannedSchedule {
  workflow: string;
  /** Five fields, in UTC. */
  cron: string;
  branches: { only?: string[]; ignore?: string[] };
  /** Why it never runs: the expression has a form that is not supported (C-314). */
  problem?: string;
}

export type PlannedExecutor =
  | { type: 'docker'; images: DockerImage[] }
  | { type: 'machine'; image?: string; dockerLayerCaching: boolean }
  | { type: 'macos'; xcode: string };

export interface DockerImage {
  image: string;
  name?: string;
  entrypoint?: string[];
  command?: string[];
  user?: string;
  environment: Record<string, string>;
  auth?: { username: string; password: string };
  awsAuth?: Record<string, string>;
  gcpAuth?: Record<string, string>;
}

export interface JobDefinition {
  executor: PlannedExecutor;
  /** `default` when the config names none. */
  resourceClass: string;
  parallelism: number;
  /** Command line of the shell for run steps; without it the platform's default (C-237). */
  shell?: string;
  /** As written, `~/project` by default; `~` is the job user's home, expanded by the agent. */
  workingDirectory: string;
  environment: Record<string, string>;
  steps: PlannedStep[];
  /** How long caches that the job saves are kept, in days; the server's own time without it (C-224). */
  cacheRetentionDays?: number;
}

export type StepWhen = 'on_success' | 'on_fail' | 'always';

interface StepBase {
  /** The title shown (C-233: the default titles). */
  name: string;
  when: StepWhen;
}

export interface RunStep extends StepBase {
  type: 'run';
  command: string;
  shell?: string;
  environment: Record<string, string>;
  workingDirectory?: string;
  background: boolean;
  noOutputTimeoutSeconds: number;
  maxAutoReruns: number;
  autoRerunDelaySeconds: number;
}
export interface CheckoutStep extends StepBase {
  type: 'checkout';
  path?: string;
  method: 'blobless' | 'full' | 'shallow';
  depth?: number;
}
export interface SaveCacheStep extends StepBase {
  type: 'save_cache';
  /** The key template with `{{ }}`, rendered by the agent. */
  key: string;
  paths: string[];
}
export interface RestoreCacheStep extends StepBase {
  type: 'restore_cache';
  keys: string[];
}
export interface PersistToWorkspaceStep extends StepBase {
  type: 'persist_to_workspace';
  root: string;
  paths: string[];
}
export interface AttachWorkspaceStep extends StepBase {
  type: 'attach_workspace';
  at: string;
}
export interface StoreArtifactsStep extends StepBase {
  type: 'store_artifacts';
  path: string;
  destination?: string;
}
export interface StoreTestResultsStep extends StepBase {
  type: 'store_test_results';
  path: string;
}
export interface SetupRemoteDockerStep extends StepBase {
  type: 'setup_remote_docker';
  dockerLayerCaching: boolean;
  version?: string;
}
export interface AddSshKeysStep extends StepBase {
  type: 'add_ssh_keys';
  fingerprints: string[];
}

export type PlannedStep =
  | RunStep
  | CheckoutStep
  | SaveCacheStep
  | RestoreCacheStep
  | PersistToWorkspaceStep
  | AttachWorkspaceStep
  | StoreArtifactsStep
  | StoreTestResultsStep
  | SetupRemoteDockerStep
  | AddSshKeysStep;
