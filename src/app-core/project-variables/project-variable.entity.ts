import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('project_variable')
export class ProjectVariableEntity {
  @PrimaryColumn('uuid', { name: 'project_id' }) projectId!: string;
  @PrimaryColumn('text') name!: string;
  /** For the cipher, with projectVariablePurpose(). */
  @Column('text') sealed!: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
}
