// The OpenAPI document: made from the decorators of the controllers, which take their schemas from the zod objects.
import { applyDecorators, type INestApplication } from '@nestjs/common';
import {
  ApiBody,
  ApiDefaultResponse,
  ApiQuery,
  ApiResponse,
  DocumentBuilder,
  SwaggerModule,
  type OpenAPIObject,
} from '@nestjs/swagger';
import { z } from 'zod';

type SchemaObject = NonNullable<Extract<Parameters<typeof ApiBody>[0], { schema: unknown }>['schema']>;

const messageSchema = z.object({ message: z.string() });

function schemaObject(schema: z.ZodType, io: 'input' | 'output'): SchemaObject {
  const json = z.toJSONSchema(schema, { target: 'openapi-3.0', io }) as Record<string, unknown>;
  delete json['additionalProperties'];
  return json as SchemaObject;
}

/** Documents an answer: its status and the form of its body. */
export function Answers(status: number, description: string, schema: z.ZodType): MethodDecorator {
  return applyDecorators(
    ApiResponse({ status, description, schema: schemaObject(schema, 'output') }),
    ApiDefaultResponse({ description: 'Error response.', schema: schemaObject(messageSchema, 'output') }),
  );
}

/** Documents the body of a request. */
export function Takes(schema: z.ZodType): MethodDecorator {
  return ApiBody({ required: false, schema: schemaObject(schema, 'input') });
}

/** Documents optional query parameters. */
export function QueryParameters(parameters: Readonly<Record<string, string>>): MethodDecorator {
  return applyDecorators(
    ...Object.entries(parameters).map(([name, description]) =>
      ApiQuery({ name, description, required: false, schema: { type: 'string' } }),
    ),
  );
}

export const pageTokenParameter = {
  'page-token': 'Where the list goes on: the next_page_token of the page before.',
};

/** A page of a list. */
export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next_page_token: z.string().nullable() });
}

export { messageSchema };

const PREFIX = '/api/v2';
/** Names in route patterns cannot have hyphens; these have them in the original's document. */
const HYPHENATED = new Set([
  'project_slug',
  'pipeline_id',
  'pipeline_number',
  'job_number',
  'org_slug_or_id',
]);

/** The document of everything served below /api/v2, with paths relative to it as clients expect them (ENDPOINTS 1.20). */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Rotunda REST API')
    .setVersion('v2')
    .addServer(PREFIX)
    .addApiKey({ type: 'apiKey', in: 'header', name: 'Circle-Token' }, 'api_key_header')
    .addBearerAuth()
    .addBasicAuth()
    .addSecurityRequirements('api_key_header')
    .build();
  const made = SwaggerModule.createDocument(app, config, {
    operationIdFactory: (_controller, method) => method,
  });
  const paths = Object.entries(made.paths)
    .filter(([path]) => path.startsWith(`${PREFIX}/`))
    .map(([path, item]) => [hyphenated(path.slice(PREFIX.length)), renamed(item)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...made, openapi: '3.0.3', paths: Object.fromEntries(paths) };
}

function hyphenated(path: string): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => `{${nameOf(name)}}`);
}

function nameOf(name: string): string {
  return HYPHENATED.has(name) ? name.replaceAll('_', '-') : name;
}

function renamed(item: OpenAPIObject['paths'][string]): OpenAPIObject['paths'][string] {
  const operations = Object.entries(item).map(([method, operation]) => {
    const { parameters } = operation as { parameters?: { name?: string; in?: string }[] };
    if (!parameters) return [method, operation] as const;
    const named = parameters.map((p) => (p.in === 'path' && p.name ? { ...p, name: nameOf(p.name) } : p));
    return [method, { ...operation, parameters: named }] as const;
  });
  return Object.fromEntries(operations) as OpenAPIObject['paths'][string];
}
