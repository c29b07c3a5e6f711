// Artifacts as REST v2 shows them (ENDPOINTS 1.8).
import { z } from 'zod';

export const artifactSchema = z.object({ path: z.string(), node_index: z.int(), url: z.string() });
export type ArtifactView = z.infer<typeof artifactSchema>;
