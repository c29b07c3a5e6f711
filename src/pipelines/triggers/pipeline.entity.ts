import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { CommitFacts, PipelineErrored, PipelineRequest } from './pipeline.events.js';

@Entity('pipeline')
export class PipelineEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { name: 'project_id' }) projectId!: string;
  @Column('text', { name: 'project_slug' }) projectSlug!: string;
  @Column('int') number!: number;
  @Column('text') state!: 'pending' | 'setup-pending' | 'setup' | 'created' | 'errored';
  /** Its setup config is done; what is pending now is the config that followed. */
  @Column('boolean') continued!: boolean;
  @Column('jsonb') trigger!: PipelineRequest['trigger'];
  @Column('jsonb') vcs!: PipelineRequest['vcs'];
  @Column('text', { nullable: true }) branch!: string | null;
  @Column('uuid', { name: 'actor_id' }) actorId!: string;
  @Column('jsonb') parameters!: PipelineRequest['parameters'];
  @Column('jsonb', { nullable: true }) commit!: CommitFacts | null;
  @Column('jsonb') errors!: PipelineErrored['data']['errors'];
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt!: Date;
}

/** The texts of a pipeline's config: apart from the row that lists read, since they can be large. */
@Entity('pipeline_config')
export class PipelineConfigEntity {
  @PrimaryColumn('uuid', { name: 'pipeline_id' }) pipelineId!: string;
  @Column('text') source!: string;
  @Column('text') compiled!: string;
  /** Of the setup config, when there is one: then the other two are of the config that followed, or empty. */
  @Column('text', { name: 'setup_source', nullable: true }) setupSource!: string | null;
  @Column('text', { name: 'setup_compiled', nullable: true }) setupCompiled!: string | null;
}
