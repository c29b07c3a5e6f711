// Deciding what is to run: projects, triggers, config, the conductor.
import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { AutoReruns } from './conductor/auto-reruns.process-manager.js';
import { Conductor } from './conductor/conductor.process-manager.js';
import { OnSerialGroupHandler } from './conductor/serial-group.commands.js';
import { SerialGroups } from './conductor/serial-group.process-manager.js';
import { SerialGroupWaitHandler } from './conductor/serial-group.work.js';
import { OnWorkflowHandler, RerunWorkflowHandler } from './conductor/workflow.commands.js';
import { OnProjectHandler } from './projects/project.commands.js';
import { orbCommandHandlers } from './orbs/orb.commands.js';
import { CompileWorkHandler } from './triggers/compile.work.js';
import { ContinuationKeys } from './triggers/continuation-keys.js';
import {
  ContinuePipelineHandler,
  OnPipelineHandler,
  TriggerPipelineHandler,
} from './triggers/pipeline.commands.js';
import { PipelinePlans } from './triggers/pipeline-plans.js';
import { PipelineProcessManager } from './triggers/pipeline.process-manager.js';

@Module({
  imports: [CqrsModule],
  providers: [
    OnProjectHandler,
    OnPipelineHandler,
    TriggerPipelineHandler,
    ContinuePipelineHandler,
    OnWorkflowHandler,
    RerunWorkflowHandler,
    OnSerialGroupHandler,
    SerialGroups,
    SerialGroupWaitHandler,
    AutoReruns,
    ...orbCommandHandlers,
    Conductor,
    CompileWorkHandler,
    PipelineProcessManager,
    PipelinePlans,
    ContinuationKeys,
  ],
  exports: [
    Conductor,
    SerialGroups,
    SerialGroupWaitHandler,
    AutoReruns,
    CompileWorkHandler,
    PipelineProcessManager,
    PipelinePlans,
    ContinuationKeys,
  ],
})
export class PipelinesModule {}
