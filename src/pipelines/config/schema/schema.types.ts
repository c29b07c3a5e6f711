// How the shape of the config language is written down: once, as data. Validation, the JSON Schema for editors and the
// reference are all made from it.

export interface About {
  /** What it is for, in a sentence or two of Markdown: shown by editors and in the reference. */
  about?: string;
  /** The line that the original prints below a violation of exactly this schema. */
  note?: string;
}

/** Anything at all: checked elsewhere, or by nobody. */
export interface AnySchema extends About {
  kind: 'any';
}

export interface TextSchema extends About {
  kind: 'string';
  /** Found anywhere in the text unless it is anchored. */
  pattern?: string;
  values?: readonly string[];
  /** Code units. */
  min?: number;
  max?: number;
}

export interface NumberSchema extends About {
  kind: 'integer' | 'number';
  min?: number;
  max?: number;
  /** Null counts as not given (LANGUAGE C-221). */
  orNothing?: true;
}

export interface PlainSchema extends About {
  kind: 'boolean' | 'null';
}

export interface ListSchema extends About {
  kind: 'list';
  items: Schema;
  /** How many items there must be. */
  min?: number;
  /** Null counts as an empty list (LANGUAGE C-380). */
  orNothing?: true;
  /** One item that is a map may stand without the list (LANGUAGE C-254). */
  orOne?: true;
}

export interface MapSchema extends About {
  kind: 'map';
  /** In the order in which messages list them. */
  keys: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  /** What further keys hold; without it they are refused. */
  others?: Schema;
  /** Further keys that are accepted, but not listed in messages. */
  tolerated?: Readonly<Record<string, Schema>>;
  /** What the whole map must be besides, by the value of one key. */
  cases?: { key: string; of: Readonly<Record<string, Schema>> };
  /** The pattern of the keys' names. */
  names?: string;
  atMost?: number;
  /** Keys without a value do not count for `atMost` (LANGUAGE C-379, C-181). */
  emptyDoNotCount?: true;
  /** Entries that the config's own commands redefine are free (C-192). */
  commandsShadow?: true;
  /** Its entries are the definitions of commands. */
  definesCommands?: true;
  /** Its `commands` are those that its steps can call: a config, an orb. */
  ownsCommands?: true;
}

/** Keys that must be there, whatever else there is. */
export interface RequiredSchema extends About {
  kind: 'required';
  keys: readonly string[];
}

/** At most one of the keys may be there. */
export interface ExclusiveSchema extends About {
  kind: 'exclusive';
  keys: readonly string[];
}

export interface ChoiceSchema extends About {
  kind: 'oneOf' | 'anyOf' | 'allOf';
  of: readonly Schema[];
}

/** A schema with a name, so that it can hold itself and is printed once. */
export interface NamedSchema extends About {
  kind: 'named';
  name: string;
  schema(): Schema;
}

export type Schema =
  | AnySchema
  | TextSchema
  | NumberSchema
  | PlainSchema
  | ListSchema
  | MapSchema
  | RequiredSchema
  | ExclusiveSchema
  | ChoiceSchema
  | NamedSchema;

export const anything = (about?: string): AnySchema => ({ kind: 'any', ...(about && { about }) });

export const text = (about?: string, rules: Omit<TextSchema, 'kind' | 'about'> = {}): TextSchema => ({
  kind: 'string',
  ...(about && { about }),
  ...rules,
});

export const integer = (about: string, rules: Omit<NumberSchema, 'kind' | 'about'> = {}): NumberSchema => ({
  kind: 'integer',
  about,
  ...rules,
});

export const number: NumberSchema = { kind: 'number' };
export const flag = (about?: string): PlainSchema => ({ kind: 'boolean', ...(about && { about }) });
export const nothing: PlainSchema = { kind: 'null' };

export const list = (items: Schema, about?: string, min?: number): ListSchema => ({
  kind: 'list',
  items,
  ...(about && { about }),
  ...(min !== undefined && { min }),
});

/** A map that refuses keys which are not listed. */
export const closed = (keys: MapSchema['keys'], rules: Omit<MapSchema, 'kind' | 'keys'> = {}): MapSchema => ({
  kind: 'map',
  keys,
  ...rules,
});

/** A map that lets further keys hold anything. */
export const open = (keys: MapSchema['keys'], rules: Omit<MapSchema, 'kind' | 'keys'> = {}): MapSchema => ({
  kind: 'map',
  keys,
  others: anything(),
  ...rules,
});

export const required = (key: string, note?: string): RequiredSchema => ({
  kind: 'required',
  keys: [key],
  ...(note && { note }),
});

export const oneOf = (of: readonly Schema[], about?: string): ChoiceSchema => ({
  kind: 'oneOf',
  of,
  ...(about && { about }),
});
export const anyOf = (of: readonly Schema[], about?: string): ChoiceSchema => ({
  kind: 'anyOf',
  of,
  ...(about && { about }),
});
export const allOf = (of: readonly Schema[], about?: string): ChoiceSchema => ({
  kind: 'allOf',
  of,
  ...(about && { about }),
});

/** The schema is made once, when it is first asked for: it may hold itself. */
export function named(name: string, make: () => Schema): NamedSchema {
  let made: Schema | undefined;
  return { kind: 'named', name, schema: () => (made ??= make()) };
}
