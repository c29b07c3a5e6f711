// What other modules may use of pipelines.
// The compiler itself is not here: it runs in the pool's threads, and the server must not load it at its start.
export type * from './config/index.js';
export { reasonText } from './config/explain/reason-text.js';
export { CompilerPool } from './config/pool/compiler-pool.js';
export type * from './projects/project.events.js';
export { checkSlug } from './projects/project.decider.js';
export { OnProject } from './projects/project.commands.js';
export { ProjectEntity } from './projects/project.entity.js';
export { ProjectProjection } from './projects/project.projection.js';
export type * from './orbs/namespace.events.js';
export type * from './orbs/orb.events.js';
export type * from './orbs/url-orb-prefix.events.js';
export { OnNamespace, OnOrb, OnUrlOrbPrefix, PublishOrb, type RegistryRequest } from './orbs/orb.commands.js';
export { OrbEntity, OrbNamespaceEntity, OrbVersionEntity } from './orbs/orb.entity.js';
export { OrbProjection } from './orbs/orb.projection.js';
export { OrbPublishing, orbIdOf } from './orbs/orb-publishing.js';
export { OrbSources } from './orbs/orb-sources.js';
export { PostgresOrbRegistry } from './orbs/postgres-orb-registry.js';
export { UrlOrbFetcher } from './orbs/url-orb-fetcher.js';
export { urlOrbPrefixDecider } from './orbs/url-orb-prefix.decider.js';
export { UrlOrbPrefixEntity } from './orbs/url-orb-prefix.entity.js';
export { UrlOrbPrefixProjection } from './orbs/url-orb-prefix.projection.js';
export { PostgresUrlOrbPrefixes } from './orbs/url-orb-prefixes.js';
export type * from './triggers/pipeline.events.js';
export {
  ContinuePipeline,
  OnPipeline,
  TriggerPipeline,
  type TriggeredPipeline,
} from './triggers/pipeline.commands.js';
export { PipelineNotRunEntity } from './triggers/explanation.entity.js';
export { ExplanationProjection } from './triggers/explanation.projection.js';
export { PipelineConfigEntity, PipelineEntity } from './triggers/pipeline.entity.js';
export { PipelineProjection } from './triggers/pipeline.projection.js';
export { PipelineProcessManager } from './triggers/pipeline.process-manager.js';
export { ContinuationKeys } from './triggers/continuation-keys.js';
export { PipelinePlans, type ConfigPhase, type PipelinePlan } from './triggers/pipeline-plans.js';
export { pipelineValues, projectType } from './triggers/pipeline-values.js';
export { COMPILE_QUEUE, CompileWorkHandler } from './triggers/compile.work.js';
export { COMPILER } from './triggers/compiler.token.js';
export { CONFIG_PATH } from './triggers/config-errors.js';
export { VCS, type OpenedCommit, type Vcs, type VcsRef } from './triggers/vcs.port.js';
export type * from './conductor/workflow.events.js';
export { Conductor } from './conductor/conductor.process-manager.js';
export { AutoReruns } from './conductor/auto-reruns.process-manager.js';
export { SerialGroups } from './conductor/serial-group.process-manager.js';
export { SerialGroupProjection } from './conductor/serial-group.projection.js';
export { SerialGroupTicketEntity } from './conductor/serial-group.entity.js';
export { SERIAL_GROUP_QUEUE, SerialGroupWaitHandler } from './conductor/serial-group.work.js';
export { OnWorkflow, RerunWorkflow } from './conductor/workflow.commands.js';
export { WorkflowEntity, WorkflowJobEntity, type WorkflowJobPhase } from './conductor/workflow.entity.js';
export { WorkflowProjection } from './conductor/workflow.projection.js';
export { PipelinesModule } from './pipelines.module.js';
