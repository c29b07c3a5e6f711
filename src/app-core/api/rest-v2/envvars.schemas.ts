// Variables of a project as REST v2 shows and takes them (ENDPOINTS 1.3, 0.5).
import { z } from 'zod';
import { textField } from './request-parts.js';

export const envvarSchema = z.object({
  name: z.string(),
  value: z.string().describe('Four x and the last four characters; of a short value only the x.'),
  'created-at': z.iso.datetime(),
  created_at: z.iso.datetime().describe('The same, as some clients spell it.'),
});
export type EnvvarView = z.infer<typeof envvarSchema>;

export const newEnvvarSchema = z.object({ name: textField(2000), value: textField(200_000) });
export type NewEnvvar = z.infer<typeof newEnvvarSchema>;
