import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { StepStatus, TaskStatus } from '../protocol/index.js';

@Entity('task')
export class TaskEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { name: 'job_id' }) jobId!: string;
  @Column('int', { name: 'node_index' }) nodeIndex!: number;
  @Column('text') state!: 'queued' | 'claimed' | 'started' | TaskStatus;
  @Column('int') claim!: number;
  /** SHA-256 of the bearer of the present claim. */
  @Column('text', { name: 'token_hash' }) tokenHash!: string;
  /** The chain that its job belongs to; null only in rows made before it was kept. */
  @Column('text', { name: 'correlation_id', nullable: true }) correlationId!: string | null;
  @Column('text', { name: 'resource_class' }) resourceClass!: string;
  @Column('text') executor!: 'docker' | 'machine' | 'macos';
  @Column('boolean', { name: 'cancel_requested' }) cancelRequested!: boolean;
  @Column('uuid', { name: 'agent_id', nullable: true }) agentId!: string | null;
  @Column('text', { name: 'agent_name', nullable: true }) agentName!: string | null;
  @Column('text', { nullable: true }) message!: string | null;
  @Column('timestamptz', { name: 'queued_at' }) queuedAt!: Date;
  @Column('timestamptz', { name: 'claimed_at', nullable: true }) claimedAt!: Date | null;
  @Column('timestamptz', { name: 'started_at', nullable: true }) startedAt!: Date | null;
  @Column('timestamptz', { name: 'stopped_at', nullable: true }) stoppedAt!: Date | null;
}

@Entity('step')
export class StepEntity {
  @PrimaryColumn('uuid', { name: 'task_id' }) taskId!: string;
  @PrimaryColumn('int') index!: number;
  @Column('uuid', { name: 'job_id' }) jobId!: string;
  @Column('text') name!: string;
  @Column('text') type!: string;
  @Column('text', { nullable: true }) command!: string | null;
  @Column('boolean') background!: boolean;
  @Column('text') status!: StepStatus;
  @Column('int', { name: 'exit_code', nullable: true }) exitCode!: number | null;
  @Column('bigint', { name: 'output_bytes', nullable: true }) outputBytes!: string | null;
  @Column('timestamptz', { name: 'started_at' }) startedAt!: Date;
  @Column('timestamptz', { name: 'ended_at', nullable: true }) endedAt!: Date | null;
}
