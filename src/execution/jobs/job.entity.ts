import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A build job: what lists and details show. The definition stays in the event. */
@Entity('job')
export class JobEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { name: 'workflow_id' }) workflowId!: string;
  @Column('uuid', { name: 'pipeline_id' }) pipelineId!: string;
  @Column('uuid', { name: 'project_id' }) projectId!: string;
  @Column('text') name!: string;
  @Column('int') number!: number;
  @Column('text') status!:
    'queued' | 'running' | 'success' | 'failed' | 'canceled' | 'timedout' | 'infrastructure_fail';
  @Column('text', { name: 'resource_class' }) resourceClass!: string;
  @Column('text') executor!: 'docker' | 'machine' | 'macos';
  @Column('int') parallelism!: number;
  @Column('jsonb') contexts!: string[];
  @Column('text', { name: 'canceled_by', nullable: true }) canceledBy!: string | null;
  @Column('timestamptz', { name: 'queued_at' }) queuedAt!: Date;
  @Column('timestamptz', { name: 'started_at', nullable: true }) startedAt!: Date | null;
  @Column('timestamptz', { name: 'stopped_at', nullable: true }) stoppedAt!: Date | null;
}
