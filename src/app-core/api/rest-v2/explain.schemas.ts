// Why parts of a pipeline do not run or still wait, as REST v2 shows it. Not in the original: this is our own.
import { z } from 'zod';

const placeSchema = z
  .object({ file: z.string().optional(), line: z.int(), column: z.int() })
  .describe('Where the rule is written; the file is the config or an orb.');
const statusesSchema = z.array(z.string());

const shared = {
  message: z.string().describe('The reason in words.'),
  at: placeSchema.optional(),
};

const partSchema = z.object({ text: z.string(), value: z.unknown(), at: placeSchema.optional() });

const conditionSchema = z.object({
  ...shared,
  type: z.literal('condition'),
  key: z.enum(['when', 'unless', 'filters']),
  condition: partSchema
    .extend({
      operands: z.array(partSchema.extend({ operands: z.array(z.unknown()).optional() })).optional(),
    })
    .describe(
      'The condition and what it came to; operands have operands of the same form, down to the variables.',
    ),
});
const filterSchema = z.object({
  ...shared,
  type: z.literal('filter'),
  filter: z.enum(['branches', 'tags']),
  rule: z.enum(['only', 'ignore', 'none']),
  patterns: z.array(z.string()),
  value: z.string().describe('The branch or tag.'),
});
const requirementSchema = z.object({
  ...shared,
  type: z.literal('requirement'),
  job: z.string(),
  statuses: statusesSchema.describe('Those of which the job needs one.'),
  status: z.string().describe('The one that there is; `filtered` when the job is not in the workflow.'),
});
const matrixSchema = z.object({
  ...shared,
  type: z.literal('matrix_exclude'),
  values: z.record(z.string(), z.unknown()),
});
const agentSchema = z.object({
  ...shared,
  type: z.enum(['no_agent', 'agents_busy']),
  executor: z.string(),
  resource_class: z.string(),
  agents: z
    .array(
      z.object({
        name: z.string(),
        executors: z.array(z.string()),
        resource_classes: z.array(z.string()),
      }),
    )
    .describe('`no_agent`: those that are there, none of which fits. `agents_busy`: those that fit.'),
});
const serialGroupSchema = z.object({
  ...shared,
  type: z.literal('serial_group'),
  key: z.string(),
  workflow_id: z.uuid().optional().describe('The workflow that is in the group now.'),
});
const otherSchema = z.object({
  ...shared,
  type: z.enum(['schedule', 'no_jobs', 'unused', 'canceled', 'approval', 'config', 'other']),
});

export const explanationSchema = z.object({
  kind: z.enum(['pipeline', 'workflow', 'job']),
  outcome: z.enum(['errored', 'not_created', 'not_run', 'waiting']),
  workflow: z.string().optional(),
  workflow_id: z.uuid().optional(),
  job: z.string().optional(),
  job_id: z.uuid().optional(),
  reasons: z.array(
    z.discriminatedUnion('type', [
      conditionSchema,
      filterSchema,
      requirementSchema,
      matrixSchema,
      agentSchema,
      serialGroupSchema,
      otherSchema,
    ]),
  ),
});
export type ExplanationView = z.infer<typeof explanationSchema>;
export type ReasonView = ExplanationView['reasons'][number];
