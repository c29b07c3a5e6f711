import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { NotRunReason } from '../config/index.js';

/** A workflow that a pipeline did not make, or a job that is not in it. */
@Entity('pipeline_not_run')
export class PipelineNotRunEntity {
  @PrimaryColumn('uuid', { name: 'pipeline_id' }) pipelineId!: string;
  @PrimaryColumn('int') ordinal!: number;
  /** Null for a job that no workflow uses. */
  @Column('text', { nullable: true }) workflow!: string | null;
  /** Null for a workflow as a whole. */
  @Column('text', { nullable: true }) job!: string | null;
  @Column('jsonb') reasons!: NotRunReason[];
}
