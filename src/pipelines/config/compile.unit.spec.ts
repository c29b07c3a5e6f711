// The compiler as a whole: what a config comes to, and what each mistake is answered with, down to line and column.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compile } from './compile.js';
import type { CompiledDocument, CompileInput, ConfigProblem, OrbResolver } from './config.types.js';

const noOrbs: OrbResolver = { resolve: async () => undefined };

async function result(source: string, more: Partial<CompileInput> = {}) {
  return compile({ source, parameters: {}, values: {}, orbs: noOrbs, ...more });
}
async function compiled(source: string, more: Partial<CompileInput> = {}): Promise<CompiledDocument> {
  const done = await result(source, more);
  if (!done.ok) throw new Error(JSON.stringify(done.errors, null, 1));
  return done.document;
}
async function errors(source: string, more: Partial<CompileInput> = {}): Promise<ConfigProblem[]> {
  const done = await result(source, more);
  return done.ok ? [] : done.errors;
}
const job = 'docker: [{image: a}]';

describe('compile', () => {
  test('parameters, commands, executors, conditions', async () => {
    const document = await compiled(
      `
version: 2.1
parameters:
  deploy: {type: boolean, default: false}
executors:
  node:
    parameters: {tag: {type: string, default: lts}}
    docker: [{image: "cimg/node:<< parameters.tag >>"}]
    environment: {A: 1, B: executor}
commands:
  greet:
    parameters:
      who: {type: string}
      after: {type: steps, default: []}
      loud: {type: boolean, default: false}
    steps:
      - run: echo << parameters.who >>
      - when: {condition: << parameters.loud >>, steps: [{run: {name: loud, command: "echo << parameters.loud >>"}}]}
      - unless: {condition: << pipeline.parameters.deploy >>, steps: [checkout]}
      - steps: << parameters.after >>
jobs:
  build:
    parameters: {n: {type: integer, default: 2}, who: {type: string}}
    executor: {name: node, tag: "20"}
    parallelism: << parameters.n >>
    environment: {B: job}
    steps:
      - greet:
          who: << parameters.who >>
          loud: true
          after: [{run: "after << parameters.who >>"}, {greet: {who: inner}}]
workflows:
  main:
    jobs:
      - build: {who: me, pre-steps: [{run: first}], post-steps: [{run: last}], context: c}
  skipped:
    when: << pipeline.parameters.deploy >>
    jobs: [build]
`,
    );
    expect(document).toEqual({
      version: 2,
      jobs: {
        build: {
          docker: [{ image: 'cimg/node:20' }],
          environment: [{ A: 1 }, { B: 'job' }],
          parallelism: 2,
          steps: [
            { run: { command: 'first' } },
            { run: { command: 'echo me' } },
            { run: { name: 'loud', command: 'echo true' } },
            'checkout',
            { run: { command: 'after me' } },
            { run: { command: 'echo inner' } },
            'checkout',
            { run: { command: 'last' } },
          ],
        },
      },
      workflows: { main: { jobs: [{ build: { context: 'c' } }] }, version: 2 },
    });
  });

  test('a matrix with requires on all of it, and matrix values in names', async () => {
    const document = await compiled(
      `
version: 2.1
jobs:
  t: {parameters: {os: {type: string}, v: {type: integer}}, docker: [{image: << parameters.os >>}], steps: [checkout]}
  d: {${job}, steps: [checkout]}
workflows:
  w:
    jobs:
      - t: {matrix: {parameters: {v: [1, 2], os: [x]}}}
      - t: {name: "n-<< matrix.os >>", v: 3, matrix: {alias: named, parameters: {os: [y, z]}}}
      - d: {requires: [t, named: failed]}
`.replace('[t, named: failed]', '[t, {named: failed}]'),
    );
    expect(Object.keys(document.jobs)).toEqual(['t-x-1', 't-x-2', 'n-y', 'n-z', 'd']);
    expect(document.workflows.w).toEqual({
      jobs: [
        't-x-1',
        't-x-2',
        'n-y',
        'n-z',
        { d: { requires: ['t-x-1', 't-x-2', { 'n-y': 'failed' }, { 'n-z': 'failed' }] } },
      ],
    });
  });

  test('expressions in when and filters; parameters are written into the latter', async () => {
    const source = `
version: 2.1
parameters: {env: {type: enum, enum: [dev, prod], default: dev}}
jobs: {build: {${job}, steps: [checkout]}}
workflows:
  a: {when: pipeline.parameters.env == "prod" and pipeline.git.branch matches /rel-.*/, jobs: [build]}
  b: {unless: {equal: [prod, << pipeline.parameters.env >>]}, jobs: [build]}
  c: {jobs: [{build: {filters: pipeline.git.branch == pipeline.parameters.env}}]}
`;
    const dev = await compiled(source);
    expect(Object.keys(dev.workflows)).toEqual(['b', 'c', 'version']);
    expect(dev.workflows.c).toEqual({ jobs: [{ build: { filters: 'pipeline.git.branch == "dev"' } }] });
    const prod = await compiled(source, { parameters: { env: 'prod' }, values: { 'git.branch': 'rel-1' } });
    expect(Object.keys(prod.workflows)).toEqual(['a', 'c', 'version']);
  });

  test('a command that redefines a built-in step means the built-in inside itself', async () => {
    const document = await compiled(
      `{version: 2.1, commands: {checkout: {steps: [{run: before}, checkout]}}, jobs: {build: {${job}, steps: [checkout]}}}`,
    );
    expect(document.jobs.build?.steps).toEqual([{ run: { command: 'before' } }, 'checkout']);
  });

  test('machine keys are lifted, and a job replaces the type of its executor', async () => {
    const document = await compiled(`
version: 2.1
executors: {e: {machine: {image: i, resource_class: large}}}
jobs:
  a: {executor: e, steps: [checkout]}
  b: {executor: e, docker: [{image: x}], steps: [checkout]}
workflows: {w: {jobs: [a, b, {hold: {type: approval, requires: [a]}}]}}
`);
    expect(document.jobs).toEqual({
      a: { machine: { image: 'i' }, resource_class: 'large', steps: ['checkout'] },
      b: { docker: [{ image: 'x' }], steps: ['checkout'] },
    });
    expect(document.workflows.w).toEqual({
      jobs: ['a', 'b', { hold: { type: 'approval', requires: ['a'] } }],
    });
  });

  test('version 2 has no templates, and its schema violations are warnings (C-004, C-005)', async () => {
    const done = await result(`{version: 2, jobs: {build: {${job}, odd: 1, steps: [{run: "cat <<EOF"}]}}}`);
    expect(done).toMatchObject({
      ok: true,
      document: { jobs: { build: { odd: 1, steps: [{ run: { command: 'cat <<EOF' } }] } } },
      warnings: [{ message: expect.stringContaining('extraneous key [odd] is not permitted') }],
    });
  });

  test('an empty continuation is accepted (C-027)', async () => {
    expect(await compiled('{version: 2, jobs: {}, workflows: {version: 2}}')).toEqual({
      version: 2,
      jobs: {},
      workflows: { version: 2 },
    });
  });

  test('orbs: own scope, default executor, an executor of the caller as argument', async () => {
    const orb = `
version: 2.1
executors: {base: {docker: [{image: orb}]}}
commands: {hi: {steps: [{run: orb hi}]}}
jobs:
  j:
    parameters: {e: {type: executor, default: base}, s: {type: steps, default: [hi]}}
    executor: << parameters.e >>
    steps: [hi, {steps: << parameters.s >>}]
`;
    const orbs: OrbResolver = { resolve: async () => ({ source: orb, resolvedReference: 'n/o@1.0.0' }) };
    const source = `
version: 2.1
orbs: {o: n/o@1}
executors: {base: {docker: [{image: config}]}}
commands: {hi: {steps: [{run: config hi}]}}
workflows: {w: {jobs: [{o/j: {name: default}}, {o/j: {name: own, e: base, s: [hi, o/hi]}}]}}
`;
    const document = await compiled(source, { orbs });
    const run = (command: string) => ({ run: { command } });
    expect(document.jobs).toEqual({
      default: { docker: [{ image: 'orb' }], steps: [run('orb hi'), run('orb hi')] },
      own: { docker: [{ image: 'config' }], steps: [run('orb hi'), run('config hi'), run('orb hi')] },
    });
    const done = await result(source, { orbs });
    expect(done.ok && done.yaml.split('\n')[0]).toBe("# Orb 'n/o@1' resolved to 'n/o@1.0.0'");
  });
});

describe('what is wrong is said with its place', () => {
  const workflow = (lines: string) =>
    `version: 2.1\njobs:\n  build:\n    ${job}\n    steps: [checkout]\n${lines}`;

  test.each([
    ['jobs: {}', [{ message: 'Unsupported or missing workflows config version' }]],
    ['version: 3', [{ message: 'Unsupported or missing workflows config version', line: 1, column: 10 }]],
    ['just text', [{ message: 'Unsupported or missing workflows config version', line: 1 }]],
    [
      workflow('workflows:\n  main:\n    jobs:\n      - nope'),
      [
        {
          message: "Error calling workflow: 'main'\nCannot find a definition for job named nope",
          line: 9,
          column: 9,
          pointer: '#/workflows/main/jobs/0',
        },
      ],
    ],
    [
      workflow('workflows:\n  main:\n    jobs:\n      - build: {requires: [other]}'),
      [
        {
          message: "Job 'build' requires 'other', which is the name of 0 other jobs in workflow 'main'",
          line: 9,
          column: 28,
        },
      ],
    ],
    [
      workflow('workflows:\n  main:\n    jobs:\n      - build:\n          x: 1'),
      [
        {
          message: "Error calling workflow: 'main'\nError calling job: 'build'\nUnexpected argument(s): x",
          line: 10,
          column: 14,
        },
      ],
    ],
    [
      workflow('workflows: {a: {when: true, unless: true, jobs: [build]}}'),
      [
        {
          message:
            'ERROR IN CONFIG FILE:\n[#/workflows/a] only 1 subschema matches out of 2\n1. [#/workflows/a] only one of the keys when, unless is permitted',
          line: 6,
        },
      ],
    ],
    [
      workflow('setup: true\nworkflows: {a: {jobs: [build]}, b: {jobs: [build]}}'),
      [{ message: 'Max number of workflows exceeded.', line: 7 }],
    ],
    [
      `version: 2.1\njobs:\n  build:\n    ${job}\n    steps:\n      - chekcout`,
      [
        {
          message:
            "Error calling workflow: 'workflow'\nError calling job: 'build'\nCannot find a definition for command named chekcout",
          line: 6,
          column: 9,
          pointer: '#/jobs/build/steps/0',
        },
      ],
    ],
    [
      `version: 2.1\njobs:\n  build:\n    ${job}\n    steps:\n      - run: echo << parameters.x >>`,
      [
        {
          message:
            "Error calling workflow: 'workflow'\nError calling job: 'build'\nArguments referenced without declared parameters: x",
          line: 6,
          column: 14,
        },
      ],
    ],
    [
      'version: 2.1\njobs:\n  build:\n    executor: nope\n    steps: [checkout]',
      [
        {
          message:
            "Error calling workflow: 'workflow'\nError calling job: 'build'\nCannot find a definition for executor named nope",
          line: 4,
          column: 15,
        },
      ],
    ],
    [
      'version: 2.1\njobs:\n  build:\n    steps: [checkout]',
      [
        {
          message: expect.stringContaining(
            '|   |   2. [#/jobs/build] required key [executor] not found\n|   |   |   A job must have one of',
          ),
          line: 4,
        },
      ],
    ],
    [
      `version: 2.1\ncommands: {a: {steps: [b]}, b: {steps: [a]}}\njobs: {build: {${job}, steps: [a]}}`,
      [
        {
          message:
            "Error calling workflow: 'workflow'\nError calling job: 'build'\nError calling command: 'a'\nError calling command: 'b'\nCommand a calls itself",
          line: 2,
        },
      ],
    ],
    [
      'version: 2.1\norbs:\n  slack: circleci/slack@99.99.99\njobs: {}',
      [
        {
          message:
            'Cannot find circleci/slack@99.99.99 in the orb registry. Check that the namespace, orb name and version are correct.',
          line: 3,
          column: 10,
        },
      ],
    ],
    [
      'version: 2.1\ncommands:\n  endMission:\n    steps: [checkout]',
      [
        {
          message:
            'ERROR IN CONFIG FILE:\n[#/commands/endMission] string [endMission] does not match pattern ^[a-z][a-z\\d_-]*$',
          line: 3,
        },
      ],
    ],
    [
      `version: 2.1\njobs:\n  build:\n    ${job}\n    steps:\n      - run: {name: x}`,
      [
        {
          message: expect.stringContaining('2. [#/jobs/build/steps/0/run] required key [command] not found'),
          line: 6,
          column: 14,
        },
      ],
    ],
    [
      `version: 2.1\njobs:\n  build:\n    ${job}\n    steps:\n      - run: x\n        name: y`,
      [
        {
          message: expect.stringContaining('1. [#/jobs/build/steps/0] maximum size: [1], found: [2]'),
          line: 7,
          column: 9,
        },
      ],
    ],
    [
      'version: 2.1\njobs: {other: {}}',
      [{ message: expect.stringContaining('0 subschemas matched instead of one') }],
    ],
  ])('%j', async (source, expected) => {
    expect(await errors(source)).toMatchObject(expected);
  });

  test('no workflows and no build job (C-006)', async () => {
    expect(await errors(`{version: 2.1, jobs: {other: {${job}, steps: [checkout]}}}`)).toMatchObject([
      {
        message:
          "Cannot find a job named `build` to run in the `jobs:` section of your configuration file.\nIf you expected a workflow to run, check your config contains a top-level key called 'workflows:'",
      },
    ]);
  });

  test('a misspelled key of a job, as the original lays it out (C-013)', async () => {
    const keys = (prefix: string, names: string) => names.split(' ').map((name) => `${prefix}  - ${name}`);
    const permitted =
      'description parallelism macos resource_class docker steps retention working_directory circleci_ip_ranges machine environment executor shell parameters';
    const inner = '|   |   |   ';
    expect(await errors(`version: 2.1\njobs:\n  build:\n    ${job}\n    stpes: [checkout]`)).toEqual([
      {
        message: [
          'ERROR IN CONFIG FILE:',
          '[#/jobs/build] 0 subschemas matched instead of one',
          '1. [#/jobs/build] only 1 subschema matches out of 2',
          '|   1. [#/jobs/build] 2 schema violations found',
          '|   |   1. [#/jobs/build] extraneous key [stpes] is not permitted',
          `${inner}Permitted keys:`,
          ...keys(inner, permitted),
          '|   |   2. [#/jobs/build] required key [steps] not found',
          '2. [#/jobs/build] expected type: String, found: Mapping',
          '|   Job may be a string reference to another job',
          '3. [#/jobs/build] required key [type] not found',
        ].join('\n'),
        hint: 'Did you mean "steps" instead of "stpes"?',
        line: 5,
        column: 5,
        pointer: '#/jobs/build/stpes',
      },
    ]);
  });

  test.each([
    ['jobs: {build: {machine: true, steps: [chekcout]}}', 'checkout', 'chekcout'],
    [
      'commands: {greet: {steps: [checkout]}}\njobs: {build: {machine: true, steps: [great]}}',
      'greet',
      'great',
    ],
    [
      'jobs: {build: {executor: smal, steps: [checkout]}}\nexecutors: {small: {machine: true}}',
      'small',
      'smal',
    ],
    [`jobs: {build: {${job}, steps: [checkout]}}\nworkflows: {w: {jobs: [biuld]}}`, 'build', 'biuld'],
    [
      `jobs: {build: {${job}, steps: [checkout]}}\nworkflows: {w: {jobs: [build, {build: {name: x, requires: [buidl]}}]}}`,
      'build',
      'buidl',
    ],
    [
      'commands: {greet: {parameters: {name: {type: string}}, steps: [checkout]}}\njobs: {build: {machine: true, steps: [{greet: {nmae: x, name: y}}]}}',
      'name',
      'nmae',
    ],
    [
      'jobs: {build: {parameters: {flag: {type: boolean, default: true}}, machine: true, steps: [run: << parameters.falg >>]}}',
      'flag',
      'falg',
    ],
    [
      'jobs: {build: {machine: true, steps: [run: << pipeline.git.barnch >>]}}',
      'pipeline.git.branch',
      'pipeline.git.barnch',
    ],
    [
      `parameters: {deploy: {type: boolean, default: true}}\njobs: {build: {${job}, steps: [checkout]}}\nworkflows: {w: {when: pipeline.parameters.depoly, jobs: [build]}}`,
      'pipeline.parameters.deploy',
      'pipeline.parameters.depoly',
    ],
  ])('%s: a name that may be meant is suggested', async (config, meant, written) => {
    const [error] = await errors(`version: 2.1\n${config}`);
    expect(error?.hint).toBe(`Did you mean "${meant}" instead of "${written}"?`);
  });

  test('pipeline parameters: unknown, wrong type', async () => {
    const source = `{version: 2.1, parameters: {p: {type: boolean, default: true}}, jobs: {build: {${job}, steps: [checkout]}}}`;
    expect(await errors(source, { parameters: { p: 'true', q: 1 } })).toEqual([
      { message: 'Unexpected argument(s): q' },
      { message: 'Type error for argument p: expected type: boolean, actual value: "true" (type string)' },
    ]);
  });

  test('several mistakes are reported in one go', async () => {
    expect(await errors(workflow('workflows: {a: {jobs: [x, y]}, b: {jobs: [z]}}'))).toMatchObject([
      { message: expect.stringContaining('named x') },
      { message: expect.stringContaining('named y') },
      { message: expect.stringContaining('named z') },
    ]);
  });
});

describe('hostile input', () => {
  test('commands that double at each level are stopped', async () => {
    const commands = Array.from({ length: 40 }, (_, i) => `  c${i + 1}: {steps: [c${i}, c${i}]}`).join('\n');
    const source = `version: 2.1\ncommands:\n  c0: {steps: [checkout]}\n${commands}\njobs: {build: {${job}, steps: [c40]}}`;
    expect(await errors(source)).toMatchObject([
      { message: expect.stringContaining('The config is too large: it has more than 100000 steps') },
    ]);
  });

  test('thousands of levels of nesting', async () => {
    const source = `version: 2.1\nx: ${'['.repeat(20_000)}`;
    expect((await errors(source)).length).toBe(1);
  });

  test('__proto__ and constructor are names like any other', async () => {
    const document = await compiled(
      `{version: 2, jobs: {__proto__: {${job}, steps: [checkout]}, constructor: {${job}, steps: [checkout]}}, workflows: {version: 2, w: {jobs: [__proto__, constructor]}}}`,
    );
    expect(Object.keys(document.jobs)).toEqual(['__proto__', 'constructor']);
  });

  test('compile never throws: any text', async () => {
    const piece = fc.constantFrom(
      ...[
        'version: 2.1\n',
        'jobs:\n',
        '  build:\n',
        '    steps:\n',
        '    - run: ',
        '<< parameters.x >>',
        '<<',
        '*a',
        '&a ',
        '\n',
      ],
      ...[
        'workflows:\n',
        '  w:\n',
        '    jobs:\n',
        '    - build:\n',
        '        matrix: {parameters: {a: [1]}}\n',
        '{',
        '}',
        '[',
        ']',
        'when: ',
      ],
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 25 }), async (pieces) => {
        const done = await result(pieces.join(''));
        expect(done.ok || done.errors.length > 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('compile never throws: any structure in the places of the language', async () => {
    const key = fc.constantFrom(
      ...[
        'build',
        'steps',
        'run',
        'when',
        'condition',
        'docker',
        'image',
        'parameters',
        'type',
        'default',
        'executor',
        'name',
      ],
      ...[
        'jobs',
        'requires',
        'matrix',
        'filters',
        'branches',
        'only',
        'environment',
        'machine',
        'and',
        'equal',
        'exclude',
        'alias',
      ],
    );
    const leaf = fc.constantFrom<unknown>(
      'build',
      'checkout',
      '<< parameters.type >>',
      'string',
      'steps',
      true,
      1,
      null,
      '/x/',
      'approval',
      [],
      {},
    );
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 6 },
        leaf,
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    const root = fc.record(
      {
        version: fc.constant(2.1),
        jobs: value,
        commands: value,
        executors: value,
        workflows: value,
        parameters: value,
        orbs: value,
      },
      { requiredKeys: ['version'] },
    );
    await fc.assert(
      fc.asyncProperty(root, async (config) => {
        const done = await result(JSON.stringify(config));
        if (done.ok) return;
        for (const { message } of done.errors) expect(message).not.toContain('could not be compiled');
      }),
      { numRuns: 1_000 },
    );
  });
});
