// Projects as REST v2 shows and takes them (ENDPOINTS 1.3).
import { z } from 'zod';
import { textField } from './request-parts.js';

export const projectSchema = z.object({
  slug: z.string(),
  name: z.string(),
  id: z.uuid(),
  organization_name: z.string(),
  organization_slug: z.string(),
  organization_id: z.uuid(),
  vcs_info: z.object({
    vcs_url: z.string(),
    provider: z.enum(['Bitbucket', 'CircleCI', 'GitHub']),
    default_branch: z.string(),
  }),
});
export type ProjectView = z.infer<typeof projectSchema>;

export const newProjectSchema = z.object({
  name: textField(400),
  vcs_url: textField(2000)
    .optional()
    .describe('URL of the Git repository, or its path on the server. An addition to the original.'),
});
export type NewProject = z.infer<typeof newProjectSchema>;
