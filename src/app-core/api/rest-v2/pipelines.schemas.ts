// Pipelines as REST v2 shows and takes them (ENDPOINTS 1.4).
import { z } from 'zod';
import { isStorable, textField } from './request-parts.js';

const stateSchema = z.enum(['created', 'errored', 'setup-pending', 'setup', 'pending']);
const parameterSchema = z.union([z.string(), z.number(), z.boolean()]);

export const pipelineSchema = z.object({
  id: z.uuid(),
  errors: z.array(z.object({ type: z.string(), message: z.string() })),
  project_slug: z.string(),
  updated_at: z.iso.datetime(),
  number: z.int(),
  trigger_parameters: z.record(z.string(), parameterSchema),
  state: stateSchema,
  created_at: z.iso.datetime(),
  trigger: z.object({
    type: z.enum(['scheduled_pipeline', 'explicit', 'api', 'webhook']),
    received_at: z.iso.datetime(),
    actor: z.object({ login: z.string(), avatar_url: z.string().nullable() }),
  }),
  vcs: z.object({
    provider_name: z.string(),
    target_repository_url: z.string(),
    origin_repository_url: z.string(),
    revision: z.string(),
    branch: z.string().optional(),
    tag: z.string().optional(),
    commit: z.object({ subject: z.string(), body: z.string() }).optional(),
  }),
});
export type PipelineView = z.infer<typeof pipelineSchema>;

export const pipelineConfigSchema = z.object({
  source: z.string(),
  compiled: z.string(),
  'setup-config': z.string().optional(),
  'compiled-setup-config': z.string().optional(),
});
export type PipelineConfigView = z.infer<typeof pipelineConfigSchema>;

export const pipelineValuesSchema = z.record(z.string(), parameterSchema);
export type PipelineValuesView = z.infer<typeof pipelineValuesSchema>;

export const triggeredSchema = z.object({
  id: z.uuid(),
  state: stateSchema,
  number: z.int(),
  created_at: z.iso.datetime(),
});
export type TriggeredView = z.infer<typeof triggeredSchema>;

/** A ref is part of an index, whose rows have a bound; Git's own names are far shorter. */
const refSchema = textField(500).nullish();
const parametersSchema = z
  .record(
    z.string().refine(isStorable, 'has a name that cannot be stored'),
    z.union([textField(4096), z.number(), z.boolean()]),
  )
  .nullish();

export const triggerSchema = z.object({ branch: refSchema, tag: refSchema, parameters: parametersSchema });
export type TriggerBody = z.infer<typeof triggerSchema>;

const sourceSchema = z.object({ branch: refSchema, tag: refSchema }).nullish();
export const runSchema = z.object({
  definition_id: textField(100).nullish(),
  config: z.object({ branch: refSchema, tag: refSchema, content: z.string().nullish() }).nullish(),
  checkout: sourceSchema,
  parameters: parametersSchema,
});
export type RunBody = z.infer<typeof runSchema>;

export const continueSchema = z.object({
  'continuation-key': textField(1000),
  // The web server bounds the whole body.
  configuration: z.string().refine(isStorable, 'has a character that cannot be stored'),
  parameters: parametersSchema,
});
export type ContinueBody = z.infer<typeof continueSchema>;
