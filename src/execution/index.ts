// What other modules may use of execution.
export { ArtifactEntity } from './artifacts/artifact.entity.js';
export { ArtifactProjection } from './artifacts/artifact.projection.js';
export { CacheEntity } from './caches/cache.entity.js';
export { CacheProjection } from './caches/cache.projection.js';
export { EXPIRED_CACHES_QUEUE, ExpiredCachesHandler } from './caches/expired-caches.js';
export { agentView, listAgents, type AgentView, type ListedAgent } from './dispatcher/agent-list.js';
export { offers, presentAgents, type SightedAgent } from './dispatcher/agent-sightings.js';
export { TASK_SECRETS, type TaskSecrets } from './dispatcher/task-secrets.port.js';
export { AGENT_AUTH, type AgentAuth } from './dispatcher/agent-auth.port.js';
export { DispatcherCron } from './dispatcher/dispatcher.cron.js';
export { ExecutionModule } from './execution.module.js';
export { OnJob } from './jobs/job.commands.js';
export { JobEntity } from './jobs/job.entity.js';
export type * from './jobs/job.events.js';
export { JobProcessManager } from './jobs/job.process-manager.js';
export { JobProjection } from './jobs/job.projection.js';
export { RemovedFilesProcessManager } from './removed-files.process-manager.js';
export { OutputStore } from './output/output-store.js';
export {
  SEAL_OUTPUT_QUEUE,
  SealOutputProcessManager,
  SealOutputWorkHandler,
} from './output/seal-output.work.js';
export type * from './protocol/index.js';
export { StepEntity, TaskEntity } from './tasks/task.entity.js';
export type * from './tasks/task.events.js';
export { TaskProjection } from './tasks/task.projection.js';
export {
  TEST_REPORT_QUEUE,
  TestReportProcessManager,
  TestReportWorkHandler,
} from './test-results/parse-reports.work.js';
export { replayTestReports } from './test-results/replay-reports.js';
export { TestHistory } from './test-results/test-history.js';
export { TestReportEntity, TestResultEntity } from './test-results/test-results.entity.js';
export { TestResultsProjection } from './test-results/test-results.projection.js';
export { EXPIRED_WORKSPACES_QUEUE, ExpiredWorkspacesHandler } from './workspaces/expired-workspaces.js';
export { WorkspaceLayerEntity } from './workspaces/workspace.entity.js';
export { WorkspaceProjection } from './workspaces/workspace.projection.js';
