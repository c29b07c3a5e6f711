// Reads and checks the parts of a request: body, ids and numbers in the path, query parameters.
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { InvalidInputError, NotFoundError } from '../../../platform/errors/errors.js';
import { isUuid } from '../../../platform/ids/ids.js';

/** True when PostgreSQL can hold the text: no NUL, no half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** A text field of a body. `bytes`: the most it may have in UTF-8. */
export function textField(bytes: number): z.ZodString {
  return z
    .string()
    .refine(isStorable, 'has a character that cannot be stored')
    .refine((text) => Buffer.byteLength(text) <= bytes, `is longer than ${bytes} bytes`);
}

/** The body of the request as `schema` has it; see `parseJsonBody`. Nest would take a schema given as data for a pipe. */
export function JsonBody(schema: z.ZodType): ParameterDecorator {
  return createParamDecorator((_: unknown, context: ExecutionContext): unknown => {
    const { body, headers } = context.switchToHttp().getRequest<FastifyRequest>();
    const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded');
    if (isForm && body !== undefined) throw unexpectedBody();
    return parseJsonBody(schema, body);
  })();
}

/**
 * The checked body; fields that the schema does not know are dropped, no body is an empty one. Throws
 * InvalidInputError in the words of ENDPOINTS 0.2 for a body that is not an object, a field that is missing and one of
 * the wrong type; other rules of the schema have their own words.
 */
export function parseJsonBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const given = body ?? {};
  const prototype: unknown = typeof given === 'object' ? Object.getPrototypeOf(given) : undefined;
  if (prototype !== Object.prototype && prototype !== null) throw unexpectedBody();
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const field = issue.path.map(String).join('.');
  if (issue.code === 'custom') throw wrongBody(`JSON field '${field}' ${issue.message}.`);
  if (issue.code === 'invalid_type' && valueAt(given, issue.path) === undefined)
    throw wrongBody(`Missing one or more JSON fields: ${field}.`);
  throw wrongBody(`JSON field '${field}' is of incorrect type.`);
}

/** Throws 400 `<name> is invalid.` unless the path's part is a UUID; the original words it so (ENDPOINTS 0.2). */
export function uuidPart(value: string, name: string): string {
  if (!isUuid(value)) throw new InvalidInputError('REQUEST.PATH', `${name} is invalid.`);
  return value.toLowerCase();
}

/**
 * A number of the path. Throws 400 unless it is a whole number, and 404 with `notFound` for one that is larger than any
 * there can be.
 */
export function numberPart(value: string, name: string, notFound: string): number {
  if (!/^\d{1,20}$/.test(value)) throw new InvalidInputError('REQUEST.PATH', `${name} is invalid.`);
  const number = Number(value);
  if (number < 1 || number > 2 ** 31 - 1) throw new NotFoundError('REQUEST.NUMBER', notFound);
  return number;
}

export type Query = Readonly<Record<string, unknown>>;

/** A query parameter; undefined when it is absent or empty. */
export function queryText(query: Query, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string' || !isStorable(value))
    throw new InvalidInputError('REQUEST.QUERY', `Query parameter '${name}' is invalid.`);
  return value;
}

export function queryFlag(query: Query, name: string): boolean {
  const text = queryText(query, name);
  if (text === undefined || text === 'false') return false;
  if (text === 'true') return true;
  throw new InvalidInputError('REQUEST.QUERY', `Query parameter '${name}' is neither true nor false.`);
}

function wrongBody(message: string): InvalidInputError {
  return new InvalidInputError('REQUEST.BODY', message);
}

function unexpectedBody(): InvalidInputError {
  return wrongBody('Unexpected request body provided.');
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, part) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[part],
    value,
  );
}
