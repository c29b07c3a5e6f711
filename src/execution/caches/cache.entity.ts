import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('cache')
export class CacheEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { name: 'project_id' }) projectId!: string;
  /** The fork's address, or empty. */
  @Column('text') scope!: string;
  @Column('text') key!: string;
  @Column('int', { name: 'job_number' }) jobNumber!: number;
  @Column('bigint') size!: string;
  @Column('text') sha256!: string;
  @Column('text', { name: 'blob_key' }) blobKey!: string;
  @Column('jsonb') paths!: string[];
  @Column('int', { name: 'retention_days', nullable: true }) retentionDays!: number | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
}
