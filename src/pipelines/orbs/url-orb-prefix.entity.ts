import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { UrlOrbAuth } from './url-orb-prefix.events.js';

@Entity('url_orb_prefix')
export class UrlOrbPrefixEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { name: 'organization_id' }) organizationId!: string;
  @Column('text') name!: string;
  @Column('text') prefix!: string;
  @Column('text') auth!: UrlOrbAuth;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
}
