import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Who has or waits for the lock of a serial group now. */
@Entity('serial_group_ticket')
export class SerialGroupTicketEntity {
  /** The lock job. */
  @PrimaryColumn('uuid', { name: 'job_id' }) jobId!: string;
  @Column('uuid', { name: 'group_id' }) groupId!: string;
  @Column('text') organization!: string;
  @Column('text') key!: string;
  @Column('uuid', { name: 'workflow_id' }) workflowId!: string;
  @Column('uuid', { name: 'project_id' }) projectId!: string;
  @Column('int', { name: 'pipeline_number' }) pipelineNumber!: number;
  @Column('text') state!: 'waiting' | 'holding';
  /** When it came into this state. */
  @Column('timestamptz') since!: Date;
}
