// Facts about a pipeline: what was asked for, and what its config came to.
import type { EventOf } from '../../platform/event-store/event-of.js';
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
  vcs: { url: string; branch?: string; tag?: string; revision?: string };
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
export type PipelineCompiled = EventOf<
  'PipelineCompiled',
  {
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
>;
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
export type PipelineEvent = PipelineTriggered | PipelineCompiled | PipelineExplained | PipelineErrored;
