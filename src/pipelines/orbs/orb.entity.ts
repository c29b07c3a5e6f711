import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('orb_namespace')
export class OrbNamespaceEntity {
  @PrimaryColumn('text') name!: string;
  @Column('uuid', { name: 'organization_id', nullable: true }) organizationId!: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
}

@Entity('orb')
export class OrbEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') namespace!: string;
  /** With its namespace: `acme/tool`. */
  @Column('text') name!: string;
  @Column('boolean', { name: 'is_private' }) isPrivate!: boolean;
  @Column('boolean') listed!: boolean;
  @Column('jsonb') categories!: string[];
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
}

@Entity('orb_version')
export class OrbVersionEntity {
  @PrimaryColumn('uuid', { name: 'orb_id' }) orbId!: string;
  /** `1.2.3` or `dev:label`. */
  @PrimaryColumn('text') version!: string;
  /** The numbers of a production version; null for dev versions. */
  @Column('int', { nullable: true }) major!: number | null;
  @Column('int', { nullable: true }) minor!: number | null;
  @Column('int', { nullable: true }) patch!: number | null;
  @Column('text') source!: string;
  @Column('jsonb') dependencies!: Record<string, string>;
  @Column('timestamptz', { name: 'published_at' }) publishedAt!: Date;
  /** Dev versions only. */
  @Column('timestamptz', { name: 'expires_at', nullable: true }) expiresAt!: Date | null;
}
