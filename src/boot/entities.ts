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
  OrbEntity,
  OrbNamespaceEntity,
  OrbVersionEntity,
  PipelineConfigEntity,
  PipelineEntity,
  PipelineNotRunEntity,
  ProjectEntity,
  SerialGroupTicketEntity,
  UrlOrbPrefixEntity,
  WorkflowEntity,
  WorkflowJobEntity,
} from '../pipelines/index.js';

export const entities = [
  ProjectEntity,
  OrbNamespaceEntity,
  OrbEntity,
  OrbVersionEntity,
  UrlOrbPrefixEntity,
  PipelineEntity,
  PipelineConfigEntity,
  PipelineNotRunEntity,
  WorkflowEntity,
  WorkflowJobEntity,
  SerialGroupTicketEntity,
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
