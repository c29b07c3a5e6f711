// Rows of users and organisations as REST v2 shows them.
import { projectType } from '../../../pipelines/index.js';
import type { CollaborationView, UserView } from './me.schemas.js';

export function userView(user: { id: string; login: string; name: string }): UserView {
  return { id: user.id, login: user.login, name: user.name };
}

export interface OrganizationRow {
  id: string;
  slug: string;
  name: string;
}

export function collaborationView({ id, slug, name }: OrganizationRow): CollaborationView {
  const type = projectType(slug.split('/')[0]!);
  return { id, 'vcs-type': type, vcs_type: type, name, avatar_url: '', slug };
}
