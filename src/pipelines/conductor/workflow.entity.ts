import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PlannedJobType, Requirement } from '../config/index.js';
import type { EndReason, JobEndStatus, WorkflowStatus } from './workflow.events.js';

@Entity('workflow')
export class WorkflowEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { name: 'pipeline_id' }) pipelineId!: string;
  @Column('uuid', { name: 'project_id' }) projectId!: string;
  @Column('text') name!: string;
  @Column('text') status!: WorkflowStatus;
  @Column('text', { name: 'started_by' }) startedBy!: string;
  @Column('text', { name: 'canceled_by', nullable: true }) canceledBy!: string | null;
  @Column('uuid', { name: 'workspace_id' }) workspaceId!: string;
  @Column('uuid', { name: 'rerun_of', nullable: true }) rerunOf!: string | null;
  @Column('int', { name: 'max_auto_reruns', nullable: true }) maxAutoReruns!: number | null;
  @Column('int', { name: 'auto_rerun_number', nullable: true }) autoRerunNumber!: number | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'stopped_at', nullable: true }) stoppedAt!: Date | null;
}

/** `queued`: a lock job that waits for its turn in the serial group. */
export type WorkflowJobPhase = 'blocked' | 'ready' | 'queued' | 'on_hold' | 'ended';

/** A job's place in a workflow. A rerun from failed shows jobs of the workflow it came from. */
@Entity('workflow_job')
export class WorkflowJobEntity {
  @PrimaryColumn('uuid', { name: 'workflow_id' }) workflowId!: string;
  @PrimaryColumn('uuid', { name: 'job_id' }) jobId!: string;
  /** Place in the order of the config. */
  @Column('int') ordinal!: number;
  @Column('text') name!: string;
  @Column('text') type!: PlannedJobType;
  @Column('jsonb') requires!: Requirement[];
  @Column('text') phase!: WorkflowJobPhase;
  /** Set when the phase is `ended`. */
  @Column('text', { nullable: true }) status!: JobEndStatus | null;
  /** Why it did not run. */
  @Column('text', { nullable: true }) reason!: string | null;
  /** The same as data; null for a job that ended under an early release. */
  @Column('jsonb', { nullable: true }) why!: EndReason[] | null;
  @Column('text', { name: 'approved_by', nullable: true }) approvedBy!: string | null;
  @Column('text', { name: 'canceled_by', nullable: true }) canceledBy!: string | null;
  @Column('timestamptz', { name: 'ended_at', nullable: true }) endedAt!: Date | null;
}
