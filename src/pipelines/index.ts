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
export type * from './triggers/pipeline.events.js';
export { OnPipeline, TriggerPipeline, type TriggeredPipeline } from './triggers/pipeline.commands.js';
export { PipelineNotRunEntity } from './triggers/explanation.entity.js';
export { ExplanationProjection } from './triggers/explanation.projection.js';
export { PipelineConfigEntity, PipelineEntity } from './triggers/pipeline.entity.js';
export { PipelineProjection } from './triggers/pipeline.projection.js';
export { PipelineProcessManager } from './triggers/pipeline.process-manager.js';
export { PipelinePlans, type PipelinePlan } from './triggers/pipeline-plans.js';
export { pipelineValues, projectType } from './triggers/pipeline-values.js';
export {
  COMPILE_QUEUE,
  COMPILER,
  CompileWorkHandler,
  CONFIG_PATH,
  ORB_RESOLVER,
} from './triggers/compile.work.js';
export { VCS, type OpenedCommit, type Vcs, type VcsRef } from './triggers/vcs.port.js';
export type * from './conductor/workflow.events.js';
export { Conductor } from './conductor/conductor.process-manager.js';
export { OnWorkflow, RerunWorkflow } from './conductor/workflow.commands.js';
export { WorkflowEntity, WorkflowJobEntity, type WorkflowJobPhase } from './conductor/workflow.entity.js';
export { WorkflowProjection } from './conductor/workflow.projection.js';
export { PipelinesModule } from './pipelines.module.js';
