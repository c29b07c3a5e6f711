// Every table that TypeORM knows.
import { ApiTokenEntity, UserEntity } from '../app-core/index.js';
import {
  ArtifactEntity,
  CacheEntity,
  JobEntity,
  StepEntity,
  TaskEntity,
  TestReportEntity,
  TestResultEntity,
  WorkspaceLayerEntity,
} from '../execution/index.js';
import {
  PipelineConfigEntity,
  PipelineEntity,
  PipelineNotRunEntity,
  ProjectEntity,
  WorkflowEntity,
  WorkflowJobEntity,
} from '../pipelines/index.js';

export const entities = [
  ProjectEntity,
  PipelineEntity,
  PipelineConfigEntity,
  PipelineNotRunEntity,
  WorkflowEntity,
  WorkflowJobEntity,
  JobEntity,
  TaskEntity,
  StepEntity,
  ArtifactEntity,
  CacheEntity,
  WorkspaceLayerEntity,
  TestReportEntity,
  TestResultEntity,
  UserEntity,
  ApiTokenEntity,
];
