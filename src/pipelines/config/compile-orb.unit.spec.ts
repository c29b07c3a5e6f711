// What is checked when an orb is published.
import { describe, expect, test } from '@jest/globals';
import { compileOrb } from './compile-orb.js';
import { storedOrbs, type StoredOrb } from './orbs/stored-orbs.js';

const check = (source: string, orbs: Record<string, StoredOrb> = {}) =>
  compileOrb({ source, orbs: storedOrbs(orbs) });
const errorsOf = async (source: string, orbs: Record<string, StoredOrb> = {}): Promise<string[]> => {
  const result = await check(source, orbs);
  return result.ok ? [] : result.errors.flatMap(({ message }) => message.split('\n'));
};

const WHOLE = `
version: 2.1
description: Tools
display: {home_url: https://example.com/tool, source_url: https://git.example.com/tool}
executors:
  default:
    parameters: {tag: {type: string, default: current}}
    docker: [{image: "cimg/base:<< parameters.tag >>"}]
commands:
  greet:
    parameters: {to: {type: string, default: ''}, loud: {type: boolean, default: false}}
    steps:
      - when: {condition: << parameters.loud >>, steps: [{run: shout}]}
      - run: echo << parameters.to >> << pipeline.number >>
  needs:
    parameters: {what: {type: string}}
    steps: [{greet: {to: << parameters.what >>}}, {unless: {condition: << parameters.what >>, steps: [checkout]}}]
jobs:
  build:
    parameters: {e: {type: executor, default: default}, after: {type: steps, default: []}}
    executor: << parameters.e >>
    steps: [greet, {steps: << parameters.after >>}]
examples:
  simple: {usage: {version: 2.1, orbs: {tool: acme/tool@1.0.0}, workflows: {w: {jobs: [tool/build]}}}}
`;

describe('an orb that may be published', () => {
  test('has its description told, and no imports', async () => {
    expect(await check(WHOLE)).toEqual({ ok: true, dependencies: {}, description: 'Tools' });
  });

  test('its imports are settled, those of inline orbs too, those of other orbs not', async () => {
    const source = `
version: 2.1
orbs:
  base: acme/base@1
  inside: {orbs: {deep: acme/deep@volatile}}
jobs: {build: {executor: base/default, steps: [checkout]}}`;
    const base = `
version: 2.1
orbs: {deep: acme/deep@1.0.0}
executors: {default: {docker: [{image: a}]}}`;
    const orbs = {
      'acme/base@1.0.0': base,
      'acme/base@1.2.0': base,
      'acme/deep@1.0.0': 'version: 2.1',
      'acme/deep@2.0.0': 'version: 2.1',
    };
    expect(await check(source, orbs)).toEqual({
      ok: true,
      dependencies: { 'acme/base@1': 'acme/base@1.2.0', 'acme/deep@volatile': 'acme/deep@2.0.0' },
    });
  });
});

describe('an orb that may not', () => {
  test.each([
    ['', 'Unsupported or missing orb version: it must be 2.1'],
    ['version: 2\ncommands: {}', 'Unsupported or missing orb version: it must be 2.1'],
    ['version: 2.1\nworkflows: {w: {jobs: [a]}}', '[#] extraneous key [workflows] is not permitted'],
    ['version: 2.1\ndisplay: {home_url: nowhere}', '[#/display/home_url] [nowhere] is not a valid URI'],
    ['version: 2.1\nexamples: {a: {}}', '[#/examples/a] required key [usage] not found'],
    ['version: 2.1\ncommands: {a: {steps: [nothing]}}', 'Cannot find a definition for command named nothing'],
    [
      'version: 2.1\njobs: {a: {executor: none, steps: [checkout]}}',
      'Cannot find a definition for executor named none',
    ],
    ['version: 2.1\norbs: {a: acme/a@1}', 'Cannot find acme/a@1 in the orb registry.'],
    ['version: 2.1\norbs: {a: "acme/a@<< pipeline.git.revision >>"}', 'Referred to a variable'],
    [
      'version: 2.1\ncommands: {a: {parameters: {x: {type: nonsense}}, steps: [checkout]}}',
      '[#/commands/a/parameters/x/type] Input not a valid enum value',
    ],
    ['version: 2.1\ncommands: {a: {steps: [a]}}', 'Command a calls itself'],
    [
      'version: 2.1\ncommands: {a: {steps: [{run: "<<include(a.sh)>>"}]}}',
      "Unclosed '<<' tag in string: '<<include(a.sh)>>'",
    ],
  ])('%s', async (source, message) => {
    expect((await errorsOf(source)).some((line) => line.includes(message))).toBe(true);
  });

  test.each([
    ['{run: "echo << parameters.other >>"}', 'Arguments referenced without declared parameters: other'],
    ['nothing', 'Cannot find a definition for command named nothing'],
    ['{when: {condition: true, steps: [nothing]}}', 'Cannot find a definition for command named nothing'],
    ['{run: "echo << pipeline.parameters.x >>"}', 'Referred to a variable "pipeline.parameters.x" that does'],
    ['{run: "cat <<EOF"}', "Unclosed '<<' tag in string: 'cat <<EOF'"],
  ])('what cannot stand without arguments is looked through: %s', async (step, message) => {
    const source = `version: 2.1\ncommands: {a: {parameters: {x: {type: string}}, steps: [${step}]}}`;
    expect((await errorsOf(source)).join('\n')).toContain(message);
  });

  test('imports a URL, which could change under it', async () => {
    const source = "version: 2.1\norbs: {a: 'https://example.com/a.yml'}";
    expect(await errorsOf(source, { 'https://example.com/a.yml': 'version: 2.1' })).toEqual([
      'A published orb cannot import the URL orb https://example.com/a.yml: what is there may change',
    ]);
  });

  test('all faults are told at once', async () => {
    const source = 'version: 2.1\ncommands: {a: {steps: [x]}, b: {steps: [y]}}';
    expect(await errorsOf(source)).toEqual([
      "Error calling command: 'a'",
      'Cannot find a definition for command named x',
      "Error calling command: 'b'",
      'Cannot find a definition for command named y',
    ]);
  });
});
