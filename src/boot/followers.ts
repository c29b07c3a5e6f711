// Every follower of the log. One that is written but not listed here stops the start (self-check/).
import type { INestApplicationContext } from '@nestjs/common';
import { ContextProjection, IdentityProjection, ProjectVariableProjection } from '../app-core/index.js';
import {
  ArtifactProjection,
  CacheProjection,
  JobProcessManager,
  JobProjection,
  RemovedFilesProcessManager,
  SealOutputProcessManager,
  TaskProjection,
  TestReportProcessManager,
  TestResultsProjection,
  WorkspaceProjection,
} from '../execution/index.js';
import {
  AutoReruns,
  Conductor,
  ExplanationProjection,
  OrbProjection,
  PipelineProcessManager,
  PipelineProjection,
  ProjectProjection,
  SerialGroupProjection,
  SerialGroups,
  UrlOrbPrefixProjection,
  WorkflowProjection,
} from '../pipelines/index.js';
import type { FollowerHost } from '../platform/followers/follower-host.js';
import type { ProcessManager, Projection } from '../platform/followers/follower.types.js';

export const projections = [
  IdentityProjection,
  ContextProjection,
  ProjectVariableProjection,
  ProjectProjection,
  OrbProjection,
  UrlOrbPrefixProjection,
  PipelineProjection,
  ExplanationProjection,
  WorkflowProjection,
  SerialGroupProjection,
  JobProjection,
  TaskProjection,
  ArtifactProjection,
  CacheProjection,
  WorkspaceProjection,
  TestResultsProjection,
];

export const processManagers = [
  PipelineProcessManager,
  Conductor,
  SerialGroups,
  AutoReruns,
  JobProcessManager,
  TestReportProcessManager,
  SealOutputProcessManager,
  RemovedFilesProcessManager,
];

/** Adds every projection, and returns them. */
export function addProjections(followers: FollowerHost): Projection[] {
  return projections.map((projection) => {
    const made = new projection();
    followers.addProjection(made);
    return made;
  });
}

/** The process managers of an application. */
export function processManagersOf(app: INestApplicationContext): ProcessManager[] {
  return processManagers.map((manager) => app.get<ProcessManager>(manager));
}
