// Checks the shape of a whole config, before anything is evaluated: unused elements too (LANGUAGE C-019).
import type { ConfigProblem } from '../config.types.js';
import type { ConfigNode, MappingNode } from '../yaml/node.js';
import { toJsonSchema, type JsonSchema } from './json-schema.js';
import { config20, config21, orb } from './language/config.js';
import { toMarkdown } from './reference.js';
import { validate } from './validate.js';
import { problemOfViolation, type Violation } from './violation.js';

/** One problem with the whole tree of violations, or none. Version 2 has a shape of its own. */
export function checkSchema(root: MappingNode, templates: boolean): ConfigProblem[] {
  const found = validate(templates ? config21 : config20, root, { templates });
  return found ? [problemOfViolation(found)] : [];
}

/** The shape of an orb's document (C-125). */
export function checkOrb(root: ConfigNode): Violation | undefined {
  return validate(orb, root, { templates: true });
}

/** The shape of a config for editors, as a JSON Schema. */
export function configJsonSchema(): JsonSchema {
  return toJsonSchema({ versions: [2, '2', '2.0'], then: config20, otherwise: config21 }, 'CI configuration');
}

/** The keys of version 2.1 as a page of Markdown. */
export function configReference(): string {
  return toMarkdown(config21);
}
