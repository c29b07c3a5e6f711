// Workflows and their jobs as REST v2 shows and takes them (ENDPOINTS 1.7).
import { z } from 'zod';
import { isUuid } from '../../../platform/ids/ids.js';

export const jobStatusSchema = z.enum([
  'success',
  'running',
  'not_run',
  'failed',
  'retried',
  'queued',
  'not_running',
  'infrastructure_fail',
  'timedout',
  'on_hold',
  'terminated-unknown',
  'blocked',
  'canceled',
  'unauthorized',
]);
export type JobStatus = z.infer<typeof jobStatusSchema>;

export const workflowSchema = z.object({
  id: z.uuid(),
  pipeline_id: z.uuid(),
  pipeline_number: z.int(),
  project_slug: z.string(),
  name: z.string(),
  status: z.enum([
    'success',
    'running',
    'not_run',
    'failed',
    'error',
    'failing',
    'on_hold',
    'canceled',
    'unauthorized',
  ]),
  started_by: z.uuid(),
  canceled_by: z.uuid().optional(),
  max_auto_reruns: z.int().optional(),
  auto_rerun_number: z.int().optional(),
  created_at: z.iso.datetime(),
  stopped_at: z.iso.datetime().nullable(),
});
export type WorkflowView = z.infer<typeof workflowSchema>;

export const workflowJobSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  project_slug: z.string(),
  type: z.enum(['build', 'approval']),
  status: jobStatusSchema,
  dependencies: z.array(z.uuid()),
  requires: z.record(
    z.string(),
    z.array(z.enum(['success', 'not_run', 'failed', 'canceled', 'unauthorized'])),
  ),
  started_at: z.iso.datetime().nullable(),
  stopped_at: z.iso.datetime().nullable(),
  job_number: z.int().optional(),
  approval_request_id: z.uuid().optional(),
  approved_by: z.uuid().optional(),
  canceled_by: z.uuid().optional(),
});
export type WorkflowJobView = z.infer<typeof workflowJobSchema>;

export const rerunSchema = z.object({
  from_failed: z.boolean().nullish(),
  jobs: z.array(z.string().refine(isUuid, 'has something that is not the id of a job')).max(1000).nullish(),
  enable_ssh: z.boolean().nullish(),
  sparse_tree: z.boolean().nullish(),
  /** Not a field of the original, which has this in its web application only. */
  failed_tests: z.boolean().nullish(),
});
export type RerunBody = z.infer<typeof rerunSchema>;

export const rerunStartedSchema = z.object({ workflow_id: z.uuid() });
export type RerunStartedView = z.infer<typeof rerunStartedSchema>;
