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

export interface PlannedJob {
  /** Unique in the workflow. */
  name: string;
  type: 'build' | 'approval' | 'no-op';
  requires: Requirement[];
  contexts: string[];
  /** Set for type `build`. */
  definition?: JobDefinition;
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
