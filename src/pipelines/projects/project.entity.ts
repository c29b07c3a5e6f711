import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('project')
export class ProjectEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') slug!: string;
  @Column('text') name!: string;
  @Column('uuid', { name: 'organization_id' }) organizationId!: string;
  @Column('text', { name: 'organization_slug' }) organizationSlug!: string;
  @Column('text', { name: 'organization_name' }) organizationName!: string;
  @Column('text', { name: 'vcs_url' }) vcsUrl!: string;
  @Column('text', { name: 'default_branch' }) defaultBranch!: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
}
