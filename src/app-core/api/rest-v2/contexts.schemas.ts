// Contexts as REST v2 shows and takes them (ENDPOINTS 1.9 and the notes on v2).
import { z } from 'zod';
import { textField } from './request-parts.js';

export const contextVariableSchema = z.object({
  variable: z.string(),
  context_id: z.uuid(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});
export type ContextVariableView = z.infer<typeof contextVariableSchema>;

/** As it stands in a context that is shown with its variables. */
export const variableInContextSchema = contextVariableSchema.extend({ truncated_value: z.string() });
export type VariableInContextView = z.infer<typeof variableInContextSchema>;

export const contextSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  created_at: z.iso.datetime(),
});
export type ContextView = z.infer<typeof contextSchema>;

export const contextInListSchema = contextSchema.extend({
  environment_variables: z.array(variableInContextSchema).optional(),
});
export type ContextInListView = z.infer<typeof contextInListSchema>;

export const fullContextSchema = contextSchema.extend({
  org_id: z.uuid(),
  environment_variables: z.array(variableInContextSchema),
});
export type FullContextView = z.infer<typeof fullContextSchema>;

const ownerType = z.enum(['organization', 'account']).optional();
export const newContextSchema = z.object({
  name: textField(1000),
  owner: z
    .object({ id: z.uuid().optional(), slug: textField(400).optional(), type: ownerType })
    .refine(({ id, slug }) => (id === undefined) !== (slug === undefined), 'needs an id or a slug'),
});
export type NewContext = z.infer<typeof newContextSchema>;

export const contextValueSchema = z.object({ value: textField(200_000) });
export type ContextValue = z.infer<typeof contextValueSchema>;
