// Decorators that describe an operation for the OpenAPI document, which takes its schemas from the zod objects. They
// only take notes: @nestjs/swagger is 600 files, which a start must not wait for, so it is loaded for the first document.
import { z } from 'zod';

type Swagger = typeof import('@nestjs/swagger');
type SchemaObject = NonNullable<Extract<Parameters<Swagger['ApiBody']>[0], { schema: unknown }>['schema']>;

const notes: ((swagger: Swagger) => void)[] = [];

/** Puts on every decorator noted so far, once. For document.ts. */
export function applyDescriptions(swagger: Swagger): void {
  for (const apply of notes.splice(0)) apply(swagger);
}

function onMethod(make: (swagger: Swagger) => MethodDecorator): MethodDecorator {
  return (target, name, descriptor) =>
    void notes.push((swagger) => void make(swagger)(target, name, descriptor));
}

/** Documents the group that the operations of a controller stand in. */
export function Tagged(group: string): ClassDecorator {
  return (controller) => void notes.push((swagger) => swagger.ApiTags(group)(controller));
}

/** Documents an answer: its status and the form of its body. */
export function Answers(status: number, description: string, schema: z.ZodType): MethodDecorator {
  const failure = 'Error response.';
  return (...on) => {
    onMethod(({ ApiResponse }) =>
      ApiResponse({ status, description, schema: schemaObject(schema, 'output') }),
    )(...on);
    onMethod(({ ApiDefaultResponse }) =>
      ApiDefaultResponse({ description: failure, schema: schemaObject(messageSchema, 'output') }),
    )(...on);
  };
}

/** Documents the body of a request. */
export function Takes(schema: z.ZodType): MethodDecorator {
  return onMethod(({ ApiBody }) => ApiBody({ required: false, schema: schemaObject(schema, 'input') }));
}

/** Documents optional query parameters. */
export function QueryParameters(parameters: Readonly<Record<string, string>>): MethodDecorator {
  return (...on) => {
    for (const [name, description] of Object.entries(parameters))
      onMethod(({ ApiQuery }) =>
        ApiQuery({ name, description, required: false, schema: { type: 'string' } }),
      )(...on);
  };
}

export const pageTokenParameter = {
  'page-token': 'Where the list goes on: the next_page_token of the page before.',
};

/** A page of a list. */
export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next_page_token: z.string().nullable() });
}

export const messageSchema = z.object({ message: z.string() });

function schemaObject(schema: z.ZodType, io: 'input' | 'output'): SchemaObject {
  const json = z.toJSONSchema(schema, { target: 'openapi-3.0', io }) as Record<string, unknown>;
  delete json['additionalProperties'];
  return json as SchemaObject;
}
