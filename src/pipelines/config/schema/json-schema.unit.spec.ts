// The JSON Schema for editors says of a config what the compiler's own check says.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { Budget, defaultLimits } from '../problems/limits.js';
import { toPlain } from '../yaml/node.js';
import { parseYaml } from '../yaml/parse.js';
import { checkSchema, configJsonSchema } from './check.js';
import { RIGHT, WRONG } from './samples.testing.js';

const corpus = resolve(process.env.ROTUNDA_CORPUS ?? join('..', 'shared', 'corpus'));
const present = existsSync(join(corpus, 'configs'));
if (!present)
  process.stderr.write(`\n*** No configs at ${corpus}: the JSON Schema is NOT tried on them ***\n`);

/** Not configs, or configs of version 2 that the original warns about: their projects ran them all the same. */
const WITH_WARNINGS = ['invertase__react-native-firebase.yml', 'nasa__openmct.yml'];
const NO_CONFIG = ['CircleCI-Public__circleci-cli__test-suites.yml'];

const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false });
const accepts = ajv.compile(configJsonSchema());

/** What the editor's schema and the compiler say, and why the editor's does. */
function verdicts(source: string): { editor: boolean; compiler: boolean; because: unknown } {
  const root = parseYaml(source, new Budget(defaultLimits));
  if (root.kind !== 'mapping') throw new Error('not a mapping');
  const version = root.entries.get('version');
  const editor = accepts(toPlain(root));
  return {
    editor,
    compiler: checkSchema(root, version !== undefined && String(toPlain(version)) === '2.1').length === 0,
    because: editor ? undefined : accepts.errors,
  };
}

test('it is a schema of draft 7', () => {
  expect(configJsonSchema()).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#' });
  expect(ajv.validateSchema(configJsonSchema())).toBe(true);
});

describe('configs of real projects', () => {
  const files = present ? readdirSync(join(corpus, 'configs')) : [];
  test.each(files.filter((file) => !NO_CONFIG.includes(file)))('%s', (file) => {
    const right = !WITH_WARNINGS.includes(file);
    const { because, ...both } = verdicts(readFileSync(join(corpus, 'configs', file), 'utf8'));
    expect({ ...both, ...(right && { because }) }).toEqual({
      editor: right,
      compiler: right,
      ...(right && { because: undefined }),
    });
  });
});

test.each(RIGHT)('both accept: %s', (_title, source) => {
  expect(verdicts(source)).toEqual({ editor: true, compiler: true, because: undefined });
});

test.each(WRONG)('both refuse: %s', (_title, source) => {
  expect(verdicts(source)).toMatchObject({ editor: false, compiler: false });
});
