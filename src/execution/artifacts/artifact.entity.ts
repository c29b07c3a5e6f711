import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('artifact')
export class ArtifactEntity {
  @PrimaryColumn('uuid', { name: 'job_id' }) jobId!: string;
  @PrimaryColumn('int', { name: 'node_index' }) nodeIndex!: number;
  @PrimaryColumn('text') path!: string;
  @Column('bigint') size!: string;
  @Column('text') sha256!: string;
  @Column('text', { name: 'blob_key' }) blobKey!: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
}
