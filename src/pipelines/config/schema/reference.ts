// The shape of the config language as a page of Markdown: every map with its keys. Made from the same definitions as the
// check.
import type { MapSchema, Schema, TextSchema } from './schema.types.js';

interface Section {
  path: string;
  schema: Schema;
}

/** One section for each map, in the order in which the maps are reached; a map that is met again is described once. */
export function toMarkdown(root: Schema): string {
  const waiting: Section[] = [{ path: '', schema: root }];
  const seen = new Set<MapSchema>();
  const sections: string[] = [];
  for (let section = waiting.shift(); section; section = waiting.shift()) {
    for (const map of mapsOf(section.schema)) {
      if (seen.has(map)) continue;
      seen.add(map);
      sections.push(describe(section.path, map));
      waiting.push(...children(section.path, map));
    }
  }
  return `# The keys of the config\n\n${sections.filter((text) => text !== '').join('\n')}`;
}

/** The maps that a value may be; lists and choices are looked through. */
function mapsOf(schema: Schema, names: readonly string[] = []): MapSchema[] {
  switch (schema.kind) {
    case 'map':
      return [schema];
    case 'list':
      return mapsOf(schema.items, names);
    case 'named':
      return names.includes(schema.name) ? [] : mapsOf(schema.schema(), [...names, schema.name]);
    case 'oneOf':
    case 'anyOf':
    case 'allOf':
      return schema.of.flatMap((branch) => mapsOf(branch, names));
    default:
      return [];
  }
}

function children(path: string, { keys, others, cases }: MapSchema): Section[] {
  const below = (key: string): string => (path === '' ? key : `${path}.${key}`);
  return [
    ...Object.entries(keys).map(([key, schema]) => ({ path: below(key), schema })),
    ...(others ? [{ path: below('NAME'), schema: others }] : []),
    ...Object.values(cases?.of ?? {}).map((schema) => ({ path, schema })),
  ];
}

function describe(path: string, { keys, required, about, names }: MapSchema): string {
  const rows = Object.entries(keys).map(([key, schema]) => {
    const must = required?.includes(key) ? 'yes' : '';
    return `| \`${key}\` | ${must} | ${cell(typeName(schema))} | ${cell(aboutOf(schema))} |`;
  });
  if (rows.length === 0 && about === undefined) return '';
  const lines = [`## ${path === '' ? 'The whole file' : `\`${path}\``}`, ''];
  if (about !== undefined) lines.push(about, '');
  if (names !== undefined) lines.push(`Names match \`${names}\`.`, '');
  if (rows.length > 0) lines.push('| key | required | value | |', '|---|---|---|---|', ...rows, '');
  return lines.join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

function aboutOf(schema: Schema): string {
  if (schema.about !== undefined) return schema.about;
  return schema.kind === 'named' ? (schema.schema().about ?? '') : '';
}

function typeName(schema: Schema): string {
  switch (schema.kind) {
    case 'any':
      return 'anything';
    case 'string':
      return textName(schema);
    case 'list':
      return `list of ${typeName(schema.items)}`;
    case 'named':
      return schema.name;
    case 'oneOf':
    case 'anyOf':
      return [...new Set(schema.of.map(typeName))].join(' or ');
    case 'allOf':
      return typeName(schema.of[0]!);
    case 'required':
    case 'exclusive':
      return 'map';
    default:
      return schema.kind;
  }
}

function textName({ values, pattern }: TextSchema): string {
  if (values) return values.map((value) => `\`${value}\``).join(', ');
  return pattern === undefined ? 'string' : `string like \`${pattern}\``;
}
