// Declarations of parameters, and arguments bound to them, with the original's messages.
import { describe, expect, test } from '@jest/globals';
import { ConfigFault } from '../problems/fault.js';
import { entriesOf, fromPlain, toPlain } from '../yaml/node.js';
import { bindArguments } from './bind.js';
import { readDeclarations } from './declaration.js';

function messages(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigFault) return error.problems.map(({ message }) => message);
    throw error;
  }
  return [];
}

const declare = (value: unknown, owner: 'pipeline' | 'element' = 'element') =>
  readDeclarations(fromPlain(value, { pointer: '#/parameters/x' }), owner);
const bind = (declared: unknown, args: unknown) =>
  bindArguments(declare(declared), entriesOf(fromPlain(args)), {});

describe('readDeclarations', () => {
  test.each([
    [
      { k: { type: 'boolean', default: 'on' } },
      "Parameter error: default value of parameter 'k' is 'on' (type string): expected type boolean",
    ],
    [
      { k: { type: 'enum', enum: ['a', 'b'], default: 'c' } },
      `Parameter error: default value of parameter 'k' is 'c' (type string): expected type enum ("a", "b")`,
    ],
    [{ k: { default: 1 } }, '[#/parameters/x] required key [type] not found'],
    [{ k: { type: 'enum' } }, '[#/parameters/x] required key [enum] not found'],
    [{ k: 1 }, '[#/parameters/x] expected type: Mapping, found: Null'],
  ])('%j', (declared, message) => {
    expect(messages(() => declare(declared))).toEqual([message]);
  });

  test('a key that is not permitted, with the lists (C-035)', () => {
    expect(messages(() => declare({ k: { type: 'string', defualt: 'a' } }))).toEqual([
      '[#/parameters/x] extraneous key [defualt] is not permitted\nPermitted keys:\n  - type\n  - default\n  - description\n  - enum\nPassed keys:\n  - type\n  - defualt',
    ]);
  });

  test('pipeline parameters need a default and have fewer types', () => {
    expect(messages(() => declare({ k: { type: 'string' } }, 'pipeline'))).toEqual([
      '[#/parameters/x] required key [default] not found',
    ]);
    expect(messages(() => declare({ k: { type: 'steps', default: [] } }, 'pipeline'))[0]).toContain(
      'Input not a valid enum value',
    );
  });
});

describe('bindArguments', () => {
  const declared = {
    name: { type: 'string' },
    size: { type: 'integer', default: 1 },
    flag: { type: 'boolean', default: false },
    os: { type: 'enum', enum: ['linux', 'macos'], default: 'linux' },
    token: { type: 'env_var_name', default: 'TOKEN' },
  };

  test('takes arguments, then defaults', () => {
    const bound = bind(declared, { name: 'a', size: 2 });
    expect([...bound].map(([name, { value, isDefault }]) => [name, toPlain(value), isDefault])).toEqual([
      ['name', 'a', false],
      ['size', 2, false],
      ['flag', false, true],
      ['os', 'linux', true],
      ['token', 'TOKEN', true],
    ]);
  });

  test.each([
    [{}, ['Missing required argument(s): name']],
    [{ name: 'a', x: 1, y: 2 }, ['Unexpected argument(s): x, y']],
    [
      { name: 'a', flag: 'true' },
      ['Type error for argument flag: expected type: boolean, actual value: "true" (type string)'],
    ],
    [{ name: 1 }, ['Type error for argument name: expected type: string, actual value: "1" (type integer)']],
    [
      { name: 'a', size: 1.5 },
      ['Type error for argument size: expected type: integer, actual value: "1.5" (type number)'],
    ],
    [
      { name: 'a', os: 'bsd' },
      [
        'Type error for argument os: expected type: enum ("linux", "macos"), actual value: "bsd" (type string)',
      ],
    ],
    [
      { name: 'a', token: 'a-b' },
      ['Type error for argument token: expected type: env_var_name, actual value: "a-b" (type string)'],
    ],
  ])('%j', (args, expected) => {
    expect(messages(() => bind(declared, args))).toEqual(expected);
  });

  test('names every missing argument in one message (C-138)', () => {
    expect(messages(() => bind({ orb_name: { type: 'string' }, vcs_type: { type: 'string' } }, {}))).toEqual([
      'Missing required argument(s): orb_name, vcs_type',
    ]);
  });
});
