import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('workspace_layer')
export class WorkspaceLayerEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { name: 'workspace_id' }) workspaceId!: string;
  @Column('uuid', { name: 'job_id' }) jobId!: string;
  @Column('text', { name: 'job_name' }) jobName!: string;
  @Column('int', { name: 'node_index' }) nodeIndex!: number;
  @Column('int') step!: number;
  @Column('bigint') size!: string;
  @Column('text') sha256!: string;
  @Column('text', { name: 'blob_key' }) blobKey!: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
}
