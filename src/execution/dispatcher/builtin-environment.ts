// The built-in CIRCLE_* variables that the server knows (LANGUAGE C-346 to C-352); the agent adds those of the machine.
import type { JobFacts } from '../jobs/job.events.js';
import type { PipelinePlan } from '../../pipelines/index.js';

export interface EnvironmentFacts {
  job: JobFacts;
  plan: PipelinePlan;
  organizationId: string;
  nodeIndex: number;
  /** Without a slash at the end. */
  publicUrl: string;
  /** The number of the same branch's build before this one of the project, if any. */
  previousBuildNumber?: number;
}

export function builtinEnvironment(facts: EnvironmentFacts): Record<string, string> {
  const { job, plan, nodeIndex } = facts;
  const { request, compiled } = plan;
  const { commit } = compiled;
  const [vcs = '', owner = '', repository = ''] = request.projectSlug.split('/');
  return {
    CI: 'true',
    CIRCLECI: 'true',
    ...(commit.branch === undefined ? {} : { CIRCLE_BRANCH: commit.branch }),
    ...(commit.tag === undefined ? {} : { CIRCLE_TAG: commit.tag }),
    CIRCLE_BUILD_NUM: String(job.number),
    CIRCLE_BUILD_URL: `${facts.publicUrl}/pipelines/${vcs}/${owner}/${repository}/jobs/${job.number}`,
    CIRCLE_COMPARE_URL: '',
    CIRCLE_JOB: job.name,
    CIRCLE_NODE_INDEX: String(nodeIndex),
    CIRCLE_NODE_TOTAL: String(job.taskIds.length),
    CIRCLE_ORGANIZATION_ID: facts.organizationId,
    CIRCLE_PIPELINE_ID: request.pipelineId,
    ...(facts.previousBuildNumber === undefined
      ? {}
      : { CIRCLE_PREVIOUS_BUILD_NUM: String(facts.previousBuildNumber) }),
    CIRCLE_PROJECT_ID: job.projectId,
    CIRCLE_PROJECT_REPONAME: repository,
    CIRCLE_PROJECT_USERNAME: owner,
    CIRCLE_REPOSITORY_URL: request.vcs.url,
    CIRCLE_SHA1: commit.revision,
    CIRCLE_STAGE: job.name,
    CIRCLE_USERNAME: request.trigger.actor.login,
    CIRCLE_WORKFLOW_ID: job.workflowId,
    CIRCLE_WORKFLOW_JOB_ID: job.jobId,
    CIRCLE_WORKFLOW_WORKSPACE_ID: job.workspaceId,
  };
}
