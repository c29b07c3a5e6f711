// A job with all its details as REST v2 shows it (ENDPOINTS 1.8).
import { z } from 'zod';
import { jobStatusSchema } from './workflows.schemas.js';

export const jobSchema = z.object({
  id: z.uuid(),
  web_url: z.string(),
  project: z.object({ id: z.uuid(), slug: z.string(), name: z.string(), external_url: z.string() }),
  parallel_runs: z.array(z.object({ index: z.int(), status: z.string() })),
  started_at: z.iso.datetime().nullable(),
  stopped_at: z.iso.datetime().nullable(),
  queued_at: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
  duration: z.int().nullable().describe('Milliseconds; null until it has ended.'),
  latest_workflow: z.object({ id: z.uuid(), name: z.string() }),
  name: z.string(),
  type: z.enum(['build', 'approval']),
  executor: z.object({ resource_class: z.string(), type: z.string() }).optional(),
  parallelism: z.int(),
  status: jobStatusSchema,
  number: z.int().optional().describe('Absent until it was queued.'),
  pipeline: z.object({ id: z.uuid() }),
  messages: z.array(z.object({ type: z.string(), message: z.string(), reason: z.string().optional() })),
  contexts: z.array(z.object({ name: z.string() })),
  organization: z.object({ name: z.string() }),
});
export type JobView = z.infer<typeof jobSchema>;
