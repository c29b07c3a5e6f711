import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('app_user')
export class UserEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') login!: string;
  @Column('text') name!: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
}

@Entity('api_token')
export class ApiTokenEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { name: 'user_id' }) userId!: string;
  @Column('text') label!: string;
  @Column('text') kind!: 'user' | 'agent';
  @Column('text') hash!: string;
  @Column('jsonb', { name: 'resource_classes', nullable: true }) resourceClasses!: string[] | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
}
