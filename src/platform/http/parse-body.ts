// Checks a JSON body against a schema and says in plain words which field is wrong.
import type { z } from 'zod';
import { InvalidInputError } from '../errors/errors.js';

/** The body in its checked form. Throws InvalidInputError naming the first wrong field. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const field = issue.path.map(String).join('.');
  throw new InvalidInputError(
    'REQUEST.BODY',
    field === ''
      ? `The request body is wrong: ${issue.message}.`
      : `JSON field '${field}': ${issue.message}.`,
  );
}
