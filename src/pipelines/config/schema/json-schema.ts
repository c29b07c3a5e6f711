// The shape of the config language as a JSON Schema (draft 7), for editors. Made from the same definitions as the check.
import type { MapSchema, NumberSchema, Schema, TextSchema } from './schema.types.js';

export type JsonSchema = { readonly [keyword: string]: unknown };

const DRAFT = 'http://json-schema.org/draft-07/schema#';
const TEMPLATE = '#/definitions/template';

export interface ByVersion {
  /** What a config of these versions must be, as the values may stand in YAML. */
  versions: readonly (string | number)[];
  then: Schema;
  otherwise: Schema;
}

/**
 * `title` names the whole. Where something else than text is expected, a text with a template is accepted as well: what
 * becomes of it is known when the config is compiled.
 */
export function toJsonSchema({ versions, then, otherwise }: ByVersion, title: string): JsonSchema {
  const emitter = new Emitter();
  return {
    $schema: DRAFT,
    title,
    type: 'object',
    if: { required: ['version'], properties: { version: { enum: versions } } },
    then: emitter.convert(then),
    else: emitter.convert(otherwise),
    definitions: { template: { type: 'string', pattern: '<<' }, ...emitter.definitions },
  };
}

class Emitter {
  readonly definitions: Record<string, JsonSchema> = {};

  convert(schema: Schema): JsonSchema {
    const about = schema.about === undefined ? {} : { description: schema.about };
    switch (schema.kind) {
      case 'any':
        return about;
      case 'named':
        this.define(schema.name, schema.schema());
        return { $ref: `#/definitions/${schema.name}` };
      case 'string':
        return textSchema(schema, about);
      case 'integer':
      case 'number':
        return numberSchema(schema, about);
      case 'boolean':
      case 'null':
        return { type: schema.kind, ...about };
      case 'list': {
        const list: JsonSchema = {
          type: schema.orNothing ? ['array', 'null'] : 'array',
          ...(schema.min !== undefined && { minItems: schema.min }),
          items: this.orTemplate(schema.items),
        };
        return schema.orOne
          ? { ...about, anyOf: [list, this.orTemplate(schema.items)] }
          : { ...about, ...list };
      }
      case 'map':
        return { ...about, ...this.mapSchema(schema) };
      case 'required':
        return { required: schema.keys };
      case 'exclusive':
        return { not: { required: schema.keys } };
      case 'oneOf':
        return { ...about, [exclusiveByKeys(schema.of) ? 'oneOf' : 'anyOf']: this.all(schema.of) };
      default:
        return { ...about, [schema.kind]: this.all(schema.of) };
    }
  }

  private all(schemas: readonly Schema[]): JsonSchema[] {
    return schemas.map((schema) => this.convert(schema));
  }

  private define(name: string, schema: Schema): void {
    if (Object.hasOwn(this.definitions, name)) return;
    // Before it is converted: it may hold itself.
    this.definitions[name] = {};
    this.definitions[name] = this.convert(schema);
  }

  private mapSchema(schema: MapSchema): JsonSchema {
    const { required, names, atMost, others, cases } = schema;
    const entries = Object.entries({ ...schema.keys, ...schema.tolerated });
    return {
      type: 'object',
      ...(entries.length > 0 && {
        properties: Object.fromEntries(
          entries.map(([key, value]) => [key, { title: key, ...this.valueOfKey(value) }]),
        ),
      }),
      ...(required && required.length > 0 && { required }),
      ...(names !== undefined && { propertyNames: { pattern: names } }),
      ...(atMost !== undefined && !schema.emptyDoNotCount && { maxProperties: atMost }),
      ...(atMost === 1 &&
        schema.emptyDoNotCount &&
        entries.length > 1 && { not: { anyOf: twoGiven(entries.map(([key]) => key)) } }),
      ...(others?.kind !== 'any' && { additionalProperties: others ? this.valueOfKey(others) : false }),
      ...(cases && { allOf: this.caseSchemas(cases) }),
    };
  }

  private caseSchemas({ key, of }: NonNullable<MapSchema['cases']>): JsonSchema[] {
    return Object.entries(of).map(([value, schema]) => ({
      if: { required: [key], properties: { [key]: { const: value } } },
      then: this.convert(schema),
    }));
  }

  /** A key without a value stands for an empty map. */
  private valueOfKey(schema: Schema): JsonSchema {
    const converted = this.orTemplate(schema);
    if (schema.kind === 'any' || !takesEmptyMap(schema)) return converted;
    const { anyOf } = converted;
    const branches = Array.isArray(anyOf) && Object.keys(converted).length === 1 ? anyOf : [converted];
    return { anyOf: [...branches, { type: 'null' }] };
  }

  private orTemplate(schema: Schema): JsonSchema {
    const converted = this.convert(schema);
    return takesAnyText(schema) ? converted : { anyOf: [converted, { $ref: TEMPLATE }] };
  }
}

/** What two keys with values look like, for every two of the keys. */
function twoGiven(keys: readonly string[]): JsonSchema[] {
  const given = { not: { type: 'null' } };
  return keys.flatMap((first, index) =>
    keys.slice(index + 1).map((second) => ({
      required: [first, second],
      properties: { [first]: given, [second]: given },
    })),
  );
}

/** Branches that only ask for keys may really not hold at once; others could both take a template. */
function exclusiveByKeys(schemas: readonly Schema[]): boolean {
  return schemas.every((schema) => schema.kind === 'required');
}

function takesEmptyMap(schema: Schema): boolean {
  switch (schema.kind) {
    case 'map':
      return (schema.required ?? []).length === 0;
    case 'named':
      return takesEmptyMap(schema.schema());
    case 'oneOf':
    case 'anyOf':
      return schema.of.some(takesEmptyMap);
    case 'allOf':
      return schema.of.every(takesEmptyMap);
    default:
      return schema.kind === 'any' || schema.kind === 'exclusive';
  }
}

function takesAnyText(schema: Schema): boolean {
  if (schema.kind === 'any') return true;
  if (schema.kind === 'named') return false;
  if (schema.kind === 'string') return schema.values === undefined && schema.pattern === undefined;
  return (schema.kind === 'oneOf' || schema.kind === 'anyOf') && schema.of.some(takesAnyText);
}

function textSchema({ values, pattern, min, max }: TextSchema, about: JsonSchema): JsonSchema {
  return {
    ...(values ? { enum: values } : { type: 'string' }),
    ...about,
    ...(pattern !== undefined && { pattern }),
    ...(min !== undefined && { minLength: min }),
    ...(max !== undefined && { maxLength: max }),
  };
}

function numberSchema({ kind, min, max, orNothing }: NumberSchema, about: JsonSchema): JsonSchema {
  return {
    type: orNothing ? [kind, 'null'] : kind,
    ...about,
    ...(min !== undefined && { minimum: min }),
    ...(max !== undefined && { maximum: max }),
  };
}
