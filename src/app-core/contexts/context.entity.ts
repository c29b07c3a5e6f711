import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('context')
export class ContextEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { name: 'organization_id' }) organizationId!: string;
  @Column('text') name!: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
}

@Entity('context_variable')
export class ContextVariableEntity {
  @PrimaryColumn('uuid', { name: 'context_id' }) contextId!: string;
  @PrimaryColumn('text') name!: string;
  /** For the cipher, with contextVariablePurpose(). */
  @Column('text') sealed!: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt!: Date;
}
