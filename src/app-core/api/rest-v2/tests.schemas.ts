// Test results as REST v2 shows them (ENDPOINTS 1.8). Clients fail on null where a text belongs (ENDPOINTS 0.5).
import { z } from 'zod';

export const testSchema = z.object({
  classname: z.string(),
  name: z.string(),
  file: z.string(),
  source: z.string(),
  result: z.string(),
  run_time: z.number().describe('Seconds.'),
  message: z.string(),
});
export type TestView = z.infer<typeof testSchema>;
