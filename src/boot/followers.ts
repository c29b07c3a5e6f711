// Every follower of the log. One that is written but not listed here would do nothing, so the start compares.
import type { INestApplicationContext } from '@nestjs/common';
import { IdentityProjection } from '../app-core/index.js';
import {
  ArtifactProjection,
  CacheProjection,
  JobProcessManager,
  JobProjection,
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

export function addProjections(followers: FollowerHost): void {
  for (const projection of [
    new IdentityProjection(),
    new ProjectProjection(),
    new OrbProjection(),
    new UrlOrbPrefixProjection(),
    new PipelineProjection(),
    new ExplanationProjection(),
    new WorkflowProjection(),
    new SerialGroupProjection(),
    new JobProjection(),
    new TaskProjection(),
    new ArtifactProjection(),
    new CacheProjection(),
    new WorkspaceProjection(),
    new TestResultsProjection(),
  ]) {
    followers.addProjection(projection);
  }
}

export function addProcessManagers(followers: FollowerHost, app: INestApplicationContext): void {
  for (const manager of [
    PipelineProcessManager,
    Conductor,
    SerialGroups,
    AutoReruns,
    JobProcessManager,
    TestReportProcessManager,
    SealOutputProcessManager,
  ]) {
    followers.addProcessManager(app.get<PipelineProcessManager>(manager));
  }
}
