// Facts about a pipeline: what was asked for, and what its config came to.
import { eventTypes, type EventOf } from '../../platform/event-store/event-of.js';
import type { NotRun, ParameterValue, PlannedWorkflow } from '../config/index.js';

export interface PipelineActor {
  id: string;
  login: string;
}

export interface PipelineRequest {
  pipelineId: string;
  projectId: string;
  projectSlug: string;
  /** 1, 2, ... within the project. */
  number: number;
  trigger: {
    type: 'api' | 'webhook' | 'explicit' | 'scheduled_pipeline';
    actor: PipelineActor;
    receivedAt: string;
  };
  /** What was asked to be built; the revision is known after the fetch unless it was given. */
  vcs: {
    url: string;
    branch?: string;
    tag?: string;
    revision?: string;
    /** The repository that the commit comes from, when that is a fork of the project's. */
    forkUrl?: string;
  };
  parameters: Record<string, ParameterValue>;
}

export interface CommitFacts {
  revision: string;
  branch?: string;
  tag?: string;
  subject: string;
  body: string;
  authorName: string;
}

export type PipelineTriggered = EventOf<'PipelineTriggered', PipelineRequest>;
/** The config says that it is a setup config: another one is to follow (LANGUAGE C-023). */
export type PipelineSetupFound = EventOf<'PipelineSetupFound', { pipelineId: string; projectId: string }>;

export interface CompiledConfig {
  pipelineId: string;
  projectId: string;
  commit: CommitFacts;
  /** The config as it stands in the repository. */
  source: string;
  /** The compiled document as YAML. */
  compiled: string;
  /** What is to run, in the order of the config; empty when every workflow was filtered out. */
  workflows: PlannedWorkflow[];
}

/** The setup config was compiled: its workflow runs, and one of its jobs may continue the pipeline. */
export type PipelineSetUp = EventOf<
  'PipelineSetUp',
  CompiledConfig & {
    /** SHA-256 of the key that continues it; the key itself stands nowhere. */
    continuationKeyHash: string;
    /** The setup config's own parameters, with their defaults where these are plain values. */
    declared: Record<string, ParameterValue | null>;
  }
>;
/** A job of the setup workflow has given the config that is to follow. */
export type PipelineContinued = EventOf<
  'PipelineContinued',
  {
    pipelineId: string;
    projectId: string;
    configuration: string;
    /** Given with it, beside those of the trigger. */
    parameters: Record<string, ParameterValue>;
  }
>;
/** The config was compiled: the one that follows when there was a setup config. */
export type PipelineCompiled = EventOf<'PipelineCompiled', CompiledConfig>;
/** Why workflows and jobs of the config are not among those that run. Recorded with the compiled config. */
export type PipelineExplained = EventOf<
  'PipelineExplained',
  { pipelineId: string; projectId: string; notRun: NotRun[] }
>;
export type PipelineErrored = EventOf<
  'PipelineErrored',
  {
    pipelineId: string;
    projectId: string;
    commit?: CommitFacts;
    source?: string;
    /** Types as the API names them. */
    errors: {
      type: 'config' | 'config-fetch' | 'timeout' | 'permission' | 'other' | 'plan';
      message: string;
    }[];
  }
>;
export type PipelineEvent =
  | PipelineTriggered
  | PipelineSetupFound
  | PipelineSetUp
  | PipelineContinued
  | PipelineCompiled
  | PipelineExplained
  | PipelineErrored;

export const pipelineEvents = eventTypes<PipelineEvent>({
  PipelineTriggered: 'decided',
  PipelineSetupFound: 'decided',
  PipelineSetUp: 'decided',
  PipelineContinued: 'decided',
  PipelineCompiled: 'decided',
  PipelineExplained: 'decided',
  PipelineErrored: 'decided',
});

/** In a stream of the project's own: its place there is the number. */
export type PipelineNumberTaken = EventOf<'PipelineNumberTaken', { pipelineId: string }>;
export const pipelineNumberEvents = eventTypes<PipelineNumberTaken>({ PipelineNumberTaken: 'read' });
