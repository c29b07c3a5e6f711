// Running what was decided: jobs, tasks, the dispatcher, output and files.
import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import type { BlobStore } from '../platform/blobs/blob-store.port.js';
import { BLOB_STORE } from '../platform/tokens.js';
import { PipelinesModule } from '../pipelines/index.js';
import { Artifacts } from './artifacts/artifacts.js';
import { Caches } from './caches/caches.js';
import { ExpiredCachesHandler } from './caches/expired-caches.js';
import { AgentSightings } from './dispatcher/agent-sightings.js';
import { AgentController } from './dispatcher/agent.controller.js';
import { AgentFilesController, AgentSourceController } from './dispatcher/agent-files.controller.js';
import { AgentTestsController } from './dispatcher/agent-tests.controller.js';
import { Dispatcher } from './dispatcher/dispatcher.js';
import { DispatcherCron } from './dispatcher/dispatcher.cron.js';
import { Leases } from './dispatcher/leases.js';
import { TaskPayloads } from './dispatcher/task-payloads.js';
import { TaskSignals } from './dispatcher/task-signals.js';
import { OnJobHandler, QueueJobHandler } from './jobs/job.commands.js';
import { JobProcessManager } from './jobs/job.process-manager.js';
import { OutputHandover } from './output/output-handover.js';
import { OutputStore } from './output/output-store.js';
import { PostgresOutputIndex, type SqlRunner } from './output/postgres-output-index.js';
import { SealOutputProcessManager, SealOutputWorkHandler } from './output/seal-output.work.js';
import { UnsealedOutput } from './output/unsealed-output.js';
import { RemovedFilesProcessManager } from './removed-files.process-manager.js';
import { OnTaskHandler } from './tasks/task.commands.js';
import { TestReportProcessManager, TestReportWorkHandler } from './test-results/parse-reports.work.js';
import { ReportReader } from './test-results/report-reader.js';
import { TestHistory } from './test-results/test-history.js';
import { TestReports } from './test-results/test-reports.js';
import { ExpiredWorkspacesHandler } from './workspaces/expired-workspaces.js';
import { Workspaces } from './workspaces/workspaces.js';

@Module({
  imports: [CqrsModule, PipelinesModule],
  controllers: [AgentController, AgentSourceController, AgentFilesController, AgentTestsController],
  providers: [
    OnJobHandler,
    QueueJobHandler,
    OnTaskHandler,
    JobProcessManager,
    Dispatcher,
    DispatcherCron,
    Leases,
    AgentSightings,
    TaskSignals,
    TaskPayloads,
    Caches,
    ExpiredCachesHandler,
    Workspaces,
    ExpiredWorkspacesHandler,
    RemovedFilesProcessManager,
    Artifacts,
    TestHistory,
    TestReports,
    ReportReader,
    TestReportProcessManager,
    TestReportWorkHandler,
    UnsealedOutput,
    OutputHandover,
    SealOutputProcessManager,
    SealOutputWorkHandler,
    {
      provide: OutputStore,
      inject: [BLOB_STORE, DataSource],
      useFactory: (blobs: BlobStore, database: DataSource) =>
        new OutputStore(
          blobs,
          new PostgresOutputIndex((database.driver as PostgresDriver).master as SqlRunner),
        ),
    },
  ],
  exports: [
    JobProcessManager,
    DispatcherCron,
    OutputStore,
    TestReportProcessManager,
    TestReportWorkHandler,
    SealOutputProcessManager,
    SealOutputWorkHandler,
    ExpiredCachesHandler,
    ExpiredWorkspacesHandler,
    RemovedFilesProcessManager,
  ],
})
export class ExecutionModule {}
