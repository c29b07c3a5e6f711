// The OpenAPI document, made from the descriptions of the controllers (documented.ts). Loads @nestjs/swagger, so it is
// itself loaded when the document is asked for.
import type { INestApplication } from '@nestjs/common';
import * as swagger from '@nestjs/swagger';
import { applyDescriptions } from './documented.js';

type OpenAPIObject = swagger.OpenAPIObject;

const PREFIX = '/api/v2';
const ITSELF = `${PREFIX}/openapi.json`;
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
  applyDescriptions(swagger);
  const config = new swagger.DocumentBuilder()
    .setTitle('Rotunda REST API')
    .setVersion('v2')
    .addServer(PREFIX)
    .addApiKey({ type: 'apiKey', in: 'header', name: 'Circle-Token' }, 'api_key_header')
    .addBearerAuth()
    .addBasicAuth()
    .addSecurityRequirements('api_key_header')
    .build();
  const made = swagger.SwaggerModule.createDocument(app, config, {
    operationIdFactory: (_controller, method) => method,
  });
  const paths = Object.entries(made.paths)
    .filter(([path]) => path.startsWith(`${PREFIX}/`) && path !== ITSELF)
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
