// The answers' schemas of the original's published document, which lies outside of the project. Without it, the tests
// say so loudly and check answers against the document that this server makes of itself only.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type JsonObject = { [name: string]: Json };

// The package is CommonJS, whose default export is in `default` for some loaders and the module itself for others.
const addFormats = ('default' in formats ? formats.default : formats) as (ajv: Ajv) => unknown;

/** What is wrong with an answer; empty when it fits. */
export type Check = (method: string, path: string, status: number, body: unknown) => string;

/**
 * Where this server answers null though the document says a text: the time of a start that has not happened yet. The
 * document's own clients read null there (ENDPOINTS 0.5).
 */
const NULL_UNTIL_KNOWN = new Set(['started_at']);

/** A check against an OpenAPI document with paths below `/api/v2`. */
export function checkAgainst(document: JsonObject): Check {
  // OpenAPI's schemas have words of their own (`nullable`, `example`), which are none of JSON Schema's.
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  const compiled = new Map<string, ValidateFunction>();
  return (method, path, status, body) => {
    const name = `${method} ${path} ${status}`;
    let validate = compiled.get(name);
    if (!validate) {
      const schema = schemaOf(document, method, path, status);
      if (!schema) return `${name} is not in the document`;
      validate = ajv.compile(jsonSchema(schema, document) as object);
      compiled.set(name, validate);
    }
    return validate(body) ? '' : `${name}: ${JSON.stringify(validate.errors)} in ${JSON.stringify(body)}`;
  };
}

/** The original's document as a check; undefined when it is not there. */
export async function originalCheck(): Promise<Check | undefined> {
  const file = resolve('..', 'shared', 'reference', 'openapi-v2.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    console.warn(`\n*** NOT CHECKED: answers against the original's document. There is no ${file}. ***\n`);
    return undefined;
  }
  return checkAgainst(JSON.parse(text) as JsonObject);
}

function schemaOf(document: JsonObject, method: string, path: string, status: number): Json | undefined {
  const item = (document['paths'] as JsonObject)[path] as JsonObject | undefined;
  const operation = item?.[method.toLowerCase()] as JsonObject | undefined;
  const responses = operation?.['responses'] as JsonObject | undefined;
  const answer = resolved(responses?.[String(status)], document) as JsonObject | undefined;
  const content = answer?.['content'] as JsonObject | undefined;
  return (content?.['application/json'] as JsonObject | undefined)?.['schema'];
}

function resolved(value: Json | undefined, document: JsonObject): Json | undefined {
  const reference = (value as JsonObject | undefined)?.['$ref'];
  if (typeof reference !== 'string') return value;
  return reference
    .split('/')
    .slice(1)
    .reduce<Json | undefined>((at, part) => (at as JsonObject | undefined)?.[part], document);
}

/** OpenAPI 3.0's dialect as JSON Schema: references put in, `nullable` as a type. */
function jsonSchema(given: Json, document: JsonObject, field = ''): Json {
  const schema = resolved(given, document)!;
  if (Array.isArray(schema)) return schema.map((item) => jsonSchema(item, document));
  if (typeof schema !== 'object' || schema === null) return schema;
  const nullable =
    schema['nullable'] === true || schema['x-nullable'] === true || NULL_UNTIL_KNOWN.has(field);
  const out: JsonObject = {};
  for (const [name, value] of Object.entries(schema)) {
    if (name === 'example' || name === 'nullable' || name.startsWith('x-')) continue;
    if (name === 'properties') {
      const entries = Object.entries(value as JsonObject);
      out[name] = Object.fromEntries(entries.map(([key, inner]) => [key, jsonSchema(inner, document, key)]));
    } else out[name] = jsonSchema(value, document);
  }
  if (nullable && typeof out['type'] === 'string') {
    out['type'] = [out['type'], 'null'];
    if (Array.isArray(out['enum'])) out['enum'] = [...out['enum'], null];
  }
  return out;
}
