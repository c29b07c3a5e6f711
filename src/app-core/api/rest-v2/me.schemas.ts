// Users and their organisations as REST v2 shows them (ENDPOINTS 1.1).
import { z } from 'zod';

export const userSchema = z.object({ id: z.uuid(), login: z.string(), name: z.string() });
export type UserView = z.infer<typeof userSchema>;

/** `vcs_type` stands beside the documented `vcs-type`, since clients read it (ENDPOINTS 0.5). */
export const collaborationSchema = z.object({
  id: z.uuid(),
  'vcs-type': z.string(),
  vcs_type: z.string(),
  name: z.string(),
  avatar_url: z.string(),
  slug: z.string(),
});
export type CollaborationView = z.infer<typeof collaborationSchema>;
