import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A report file that was uploaded, and whether its results are known. */
@Entity('test_report')
export class TestReportEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { name: 'job_id' }) jobId!: string;
  @Column('uuid', { name: 'project_id' }) projectId!: string;
  @Column('int', { name: 'node_index' }) nodeIndex!: number;
  @Column('text') path!: string;
  @Column('text', { name: 'blob_key' }) blobKey!: string;
  @Column('text') state!: 'waiting' | 'parsed' | 'unreadable';
  @Column('text', { nullable: true }) message!: string | null;
  /** The replay that it waits for, if any. */
  @Column('uuid', { name: 'replay_id', nullable: true }) replayId!: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
}

@Entity('test_result')
export class TestResultEntity {
  @PrimaryColumn('uuid', { name: 'report_id' }) reportId!: string;
  @PrimaryColumn('int') index!: number;
  @Column('uuid', { name: 'job_id' }) jobId!: string;
  @Column('text') classname!: string;
  @Column('text') name!: string;
  @Column('text') file!: string;
  @Column('text') source!: string;
  @Column('text') result!: string;
  @Column('float8', { name: 'run_time' }) runTime!: number;
  @Column('text') message!: string;
}
