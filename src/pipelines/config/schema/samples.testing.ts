// Small configs, right and wrong in one thing each, with the line that the original's report has for the wrong ones.

const job = (body: string): string =>
  `version: 2.1\njobs:\n  build:\n    docker: [{image: a}]\n    steps: [checkout]\n${indent(body, 4)}`;
const steps = (body: string): string =>
  `version: 2.1\njobs:\n  build:\n    docker: [{image: a}]\n    steps:\n${indent(body, 6)}`;
const workflow = (body: string): string =>
  `version: 2.1\nworkflows:\n  main:\n    jobs: [build]\n${indent(body, 4)}`;
const entry = (body: string): string =>
  `version: 2.1\nworkflows:\n  main:\n    jobs:\n      - build:\n${indent(body, 10)}`;
const top = (body: string): string => `version: 2.1\n${body}`;

function indent(text: string, by: number): string {
  return text
    .split('\n')
    .map((line) => ' '.repeat(by) + line)
    .join('\n');
}

/** Title and config. */
export const RIGHT: [string, string][] = [
  ['nothing but a version', 'version: 2.1'],
  ['keys that hold anchors', top('defaults: &d {a: 1}\nreferences: [1, 2]')],
  ['no value for a section', top('jobs:\ncommands:\nworkflows:\norbs:\nparameters:\nexecutors:')],
  ['a job that is another job’s name', top('jobs: {a: b}')],
  ['a job of type no-op with odd keys', top('jobs: {a: {type: no-op, whatever: 1}}')],
  ['a release', top('jobs: {a: {type: release, plan_name: p, validation: {enabled: true}}}')],
  ['a lock', top('jobs: {a: {type: lock, key: k}, b: {type: unlock, key: k}}')],
  ['a job with the type that it has anyway', job('type: build')],
  [
    'a whole machine from a parameter',
    top('jobs: {a: {machine: << parameters.m >>, steps: << parameters.s >>}}'),
  ],
  ['numbers from parameters', job('parallelism: << parameters.n >>')],
  ['an executor with arguments', top('jobs: {a: {executor: {name: e, tag: "1"}, steps: [checkout]}}')],
  ['an executor and a container', job('executor: e')],
  ['ports of a container', top('executors: {e: {docker: [{image: a, ports: [1]}]}}')],
  ['an environment as a list', job('environment:\n  - A=b\n  - {C: 1}\n  - [{D: true}]')],
  ['an environment as one text', job('environment: A=b')],
  ['a shell as a list', job('shell: [/bin/bash, -e]')],
  ['macOS with a numeric version', top('jobs: {a: {macos: {xcode: 11.4}, steps: [checkout]}}')],
  [
    'a machine with a class',
    top('jobs: {a: {machine: {image: i, resource_class: large}, steps: [checkout]}}'),
  ],
  ['steps without arguments', steps('- checkout\n- any-command\n- orb/command\n- checkout:')],
  ['odd keys of built-in steps', steps('- run: {command: x, timeout: 60m}\n- checkout: {directory: d}')],
  ['a number of seconds', steps('- run: {command: x, no_output_timeout: 900}')],
  ['a path as one text', steps('- persist_to_workspace: {root: ., paths: a}')],
  ['a cache with key and keys', steps('- restore_cache: {key: a, keys: [b]}')],
  [
    'conditions',
    steps('- when: {condition: << parameters.b >>, steps: [checkout]}\n- unless: {condition: 12, steps: []}'),
  ],
  ['steps of a parameter', steps('- steps: << parameters.s >>')],
  [
    'a command with parameters',
    top('commands: {a: {parameters: {p: {type: steps, default: []}}, steps: [checkout]}}'),
  ],
  [
    'logic',
    workflow('when: {and: [true, {or: [1]}, {not: x}, {equal: [a, 1]}, {matches: {pattern: a, value: b}}]}'),
  ],
  ['logic that is some other map', workflow('when: {odd: 1, other: 2}')],
  ['a description of a workflow', workflow('description: d')],
  ['a schedule', workflow('triggers: [{schedule: {cron: "0 0 * * *", filters: {branches: {only: main}}}}]')],
  ['requirements with statuses', entry('requires: [a, {b: failed}, {c: [success, failed]}]')],
  ['requirements without a value', entry('requires:')],
  ['filters as maps', entry('filters: {branches: {only: [a], ignore: b}, tags: {only: /v.*/}}')],
  ['filters as an expression', entry('filters: pipeline.git.branch == "main"')],
  ['arguments of every kind', entry('a: 1\nb: [x]\nc: {d: e}\nf: null')],
  [
    'an entry with filters beside it',
    top('workflows: {w: {jobs: [{build: null, filters: {branches: {only: a}}}]}}'),
  ],
  ['a group of jobs', top('job-groups: {g: {jobs: [a, {b: {requires: [a]}}]}}')],
  ['an inline orb', top('orbs: {o: {commands: {c: {steps: [checkout]}}, orbs: {p: a/b@1}}}')],
  ['an empty list of workflows', top('workflows: {version: 2}')],
  [
    'version 2',
    'version: 2\njobs: {a/b.c: {docker: [{image: a}], steps: [checkout], branches: {only: a}}}\nworkflows: {version: 2, w: {jobs: [a/b.c]}}',
  ],
];

/** What the compiler accepts and an editor cannot know. */
export const RIGHT_FOR_THE_COMPILER: [string, string][] = [
  [
    'a command of the config that is called like a step',
    top('commands: {run: {steps: [checkout]}}\njobs: {a: {docker: [{image: a}], steps: [{run: {odd: 1}}]}}'),
  ],
];

/** Title, config, and a line of the report without its indentation. */
export const WRONG: [string, string, string][] = [
  ['setup that is no boolean', top('setup: 5'), '[#/setup] expected type: Boolean, found: Integer'],
  ['a list of jobs', top('jobs: [a]'), '[#/jobs] expected type: Mapping, found: Sequence'],
  [
    'a name of a job',
    top('jobs: {a.b: c}'),
    '[#/jobs/a.b] string [a.b] does not match pattern ^[A-Za-z][A-Za-z\\s\\d_-]*$',
  ],
  [
    'a name of an executor',
    top('executors: {A: b}'),
    '[#/executors/A] string [A] does not match pattern ^[a-z][a-z\\d_-]*$',
  ],
  [
    'an odd key of a job',
    job('max_auto_reruns: 2'),
    '1. [#/jobs/build] extraneous key [max_auto_reruns] is not permitted',
  ],
  ['an unknown type', top('jobs: {a: {type: odd}}'), '3. [#/jobs/a/type] Input not a valid enum value'],
  [
    'a release without a plan',
    top('jobs: {a: {type: release}}'),
    '3. [#/jobs/a] required key [plan_name] not found',
  ],
  ['a lock without a key', top('jobs: {a: {type: lock}}'), '3. [#/jobs/a] required key [key] not found'],
  ['no machine', top('jobs: {a: {steps: [checkout]}}'), '2. [#/jobs/a] required key [executor] not found'],
  [
    'two machines',
    top('jobs: {a: {docker: [{image: a}], machine: true, steps: [checkout]}}'),
    '1. [#/jobs/a] 2 subschemas matched instead of one',
  ],
  ['no steps', top('jobs: {a: {machine: true}}'), '1. [#/jobs/a] required key [steps] not found'],
  [
    'an empty list of steps',
    top('jobs: {a: {machine: true, steps: []}}'),
    '1. [#/jobs/a/steps] expected minimum item count: 1, found: 0',
  ],
  [
    'an empty list of images',
    top('executors: {a: {docker: []}}'),
    '1. [#/executors/a/docker] expected minimum item count: 1, found: 0',
  ],
  [
    'an odd key of an image',
    top('executors: {a: {docker: [{image: b, env: c}]}}'),
    '1. [#/executors/a/docker/0] extraneous key [env] is not permitted',
  ],
  [
    'an image without a password',
    top('executors: {a: {docker: [{image: b, auth: {username: c}}]}}'),
    '1. [#/executors/a/docker/0/auth] required key [password] not found',
  ],
  [
    'half of a key of AWS',
    top('executors: {a: {docker: [{image: b, aws_auth: {aws_access_key_id: c}}]}}'),
    '|   |   1. [#/executors/a/docker/0/aws_auth] required key [aws_secret_access_key] not found'.replace(
      /^[| ]+/,
      '',
    ),
  ],
  [
    'macOS without a version',
    top('executors: {a: {macos: {}}}'),
    '1. [#/executors/a/macos] required key [xcode] not found',
  ],
  [
    'an executor with steps',
    top('executors: {a: {machine: true, steps: []}}'),
    '1. [#/executors/a] extraneous key [steps] is not permitted',
  ],
  [
    'an executor without a machine',
    top('executors: {a: {shell: sh}}'),
    '1. [#/executors/a] required key [docker] not found',
  ],
  [
    'an executor’s arguments without its name',
    top('jobs: {a: {executor: {tag: x}, steps: [checkout]}}'),
    '2. [#/jobs/a/executor] required key [name] not found',
  ],
  [
    'no machines at once',
    job('parallelism: 0'),
    '1. [#/jobs/build/parallelism] 0 is not greater or equal to 1',
  ],
  [
    'half a machine',
    job('parallelism: 1.5'),
    '1. [#/jobs/build/parallelism] expected type: Integer, found: Double',
  ],
  [
    'retention as a text',
    job('retention: 7d'),
    '1. [#/jobs/build/retention] expected type: Mapping, found: String',
  ],
  [
    'retention of something else',
    job('retention: {artifacts: 7d}'),
    '1. [#/jobs/build/retention] extraneous key [artifacts] is not permitted',
  ],
  [
    'retention for too long',
    job('retention: {caches: 40d}'),
    '1. [#/jobs/build/retention/caches] string [40d] does not match pattern ^([1-9]|[12][0-9]|30)d$',
  ],
  [
    'an environment of maps',
    job('environment: {A: {b: c}}'),
    '1. [#/jobs/build/environment/A] 0 subschemas matched instead of one',
  ],
  [
    'a nested list of steps',
    steps('- [checkout]'),
    '1. [#/jobs/build/steps/0] expected type: Mapping, found: Sequence',
  ],
  [
    'a step with two keys',
    steps('- run: x\n  name: y'),
    '1. [#/jobs/build/steps/0] maximum size: [1], found: [2]',
  ],
  [
    'a step without a value',
    steps('- run:'),
    '2. [#/jobs/build/steps/0/run] required key [command] not found',
  ],
  [
    'deploy as a text',
    steps('- deploy: x'),
    '1. [#/jobs/build/steps/0/deploy] expected type: Mapping, found: String',
  ],
  [
    'a condition of a run step',
    steps('- run: {command: x, when: odd}'),
    '2. [#/jobs/build/steps/0/run/when] Input not a valid enum value',
  ],
  [
    'too many tries',
    steps('- run: {command: x, max_auto_reruns: 6}'),
    '2. [#/jobs/build/steps/0/run/max_auto_reruns] 6 is not less or equal to 5',
  ],
  [
    'a pause without a unit',
    steps('- run: {command: x, max_auto_reruns: 1, auto_rerun_delay: "5"}'),
    '2. [#/jobs/build/steps/0/run/auto_rerun_delay] string [5] does not match pattern ^((10|[1-9])m|[1-9][0-9]*s)$',
  ],
  [
    'a way to check out',
    steps('- checkout: {method: odd}'),
    '1. [#/jobs/build/steps/0/checkout/method] Input not a valid enum value',
  ],
  [
    'a cache without paths',
    steps('- save_cache: {key: k}'),
    '1. [#/jobs/build/steps/0/save_cache] required key [paths] not found',
  ],
  [
    'a cache without a key',
    steps('- restore_cache: {name: k}'),
    '1. [#/jobs/build/steps/0/restore_cache] required key [key] not found',
  ],
  [
    'artifacts from nowhere',
    steps('- store_artifacts: {destination: k}'),
    '1. [#/jobs/build/steps/0/store_artifacts] required key [path] not found',
  ],
  [
    'reports as a text',
    steps('- store_test_results: a'),
    '1. [#/jobs/build/steps/0/store_test_results] expected type: Mapping, found: String',
  ],
  [
    'a workspace without a root',
    steps('- persist_to_workspace: {paths: [a]}'),
    '1. [#/jobs/build/steps/0/persist_to_workspace] required key [root] not found',
  ],
  [
    'a workspace that goes nowhere',
    steps('- attach_workspace: {}'),
    '1. [#/jobs/build/steps/0/attach_workspace] required key [at] not found',
  ],
  [
    'a condition without steps',
    steps('- when: {condition: true}'),
    '1. [#/jobs/build/steps/0/when] required key [steps] not found',
  ],
  [
    'a list as a condition',
    steps('- when: {condition: [true], steps: []}'),
    '1. [#/jobs/build/steps/0/when/condition] no subschema matched out of the total 3 subschemas',
  ],
  [
    'a built-in step inside a condition',
    steps('- when: {condition: true, steps: [{save_cache: {}}]}'),
    '1. [#/jobs/build/steps/0/when/steps/0/save_cache] 2 schema violations found',
  ],
  [
    'arguments of a command as a number',
    steps('- a: 5'),
    '1. [#/jobs/build/steps/0/a] 0 subschemas matched instead of one',
  ],
  [
    'a command without steps',
    top('commands: {a: {description: b}}'),
    '1. [#/commands/a] required key [steps] not found',
  ],
  [
    'a command that calls itself by a built-in name',
    top('commands: {run: {steps: [{run: {odd: 1}}]}}'),
    '2. [#/commands/run/steps/0/run] required key [command] not found',
  ],
  [
    'a parameter without a type',
    top('commands: {a: {parameters: {p: {}}, steps: [checkout]}}'),
    '1. [#/commands/a/parameters/p] required key [type] not found',
  ],
  [
    'a pipeline parameter without a default',
    top('parameters: {p: {type: string}}'),
    '[#/parameters/p] required key [default] not found',
  ],
  [
    'a pipeline parameter of steps',
    top('parameters: {p: {type: steps, default: []}}'),
    '[#/parameters/p/type] Input not a valid enum value',
  ],
  [
    'a parameter that is a text',
    top('parameters: {p: string}'),
    '[#/parameters/p] expected type: Mapping, found: String',
  ],
  [
    'an empty list of values',
    top('parameters: {p: {type: enum, enum: [], default: a}}'),
    '[#/parameters/p/enum] expected minimum item count: 1, found: 0',
  ],
  [
    'an operator without arguments',
    workflow('when: {and: []}'),
    '2. [#/workflows/main/when/and] expected minimum item count: 1, found: 0',
  ],
  [
    'two operators',
    workflow('when: {and: [true], or: [true]}'),
    '2. [#/workflows/main/when] maximum size: [1], found: [2]',
  ],
  [
    'both conditions',
    workflow('when: true\nunless: true'),
    '1. [#/workflows/main] only one of the keys when, unless is permitted',
  ],
  [
    'a workflow without jobs',
    top('workflows: {main: {when: true}}'),
    '1. [#/workflows/main] required key [jobs] not found',
  ],
  [
    'an empty list of jobs',
    top('workflows: {main: {jobs: []}}'),
    '1. [#/workflows/main/jobs] expected minimum item count: 1, found: 0',
  ],
  [
    'an entry without a value',
    top('workflows: {main: {jobs: [null]}}'),
    '1. [#/workflows/main/jobs/0] expected type: Mapping, found: Null',
  ],
  [
    'reruns of a workflow',
    workflow('max_auto_reruns: 6'),
    '1. [#/workflows/main/max_auto_reruns] 6 is not less or equal to 5',
  ],
  [
    'a requirement with an odd status',
    entry('requires: [{a: done}]'),
    '1. [#/workflows/main/jobs/0/build/requires/0/a] Input not a valid enum value',
  ],
  [
    'a requirement that is a text',
    entry('requires: a'),
    '1. [#/workflows/main/jobs/0/build/requires] expected type: Sequence, found: String',
  ],
  [
    'an odd filter',
    entry('filters: {branches: {except: a}}'),
    '1. [#/workflows/main/jobs/0/build/filters/branches] extraneous key [except] is not permitted',
  ],
  [
    'a matrix without parameters',
    entry('matrix: {alias: a}'),
    '1. [#/workflows/main/jobs/0/build/matrix] required key [parameters] not found',
  ],
  [
    'an empty serial group',
    entry('serial-group: ""'),
    '1. [#/workflows/main/jobs/0/build/serial-group] expected minLength: 1, actual: 0',
  ],
  [
    'arguments beside the job',
    top('workflows: {main: {jobs: [{build: null, context: c}]}}'),
    '1. [#/workflows/main/jobs/0/context] expected type: Mapping, found: String',
  ],
  [
    'a schedule without filters',
    workflow('triggers: [{schedule: {cron: "0 0 * * *"}}]'),
    '1. [#/workflows/main/triggers/0/schedule] required key [filters] not found',
  ],
  [
    'another trigger',
    workflow('triggers: [{push: {}}]'),
    '1. [#/workflows/main/triggers/0] extraneous key [push] is not permitted',
  ],
  [
    'parameters of a group',
    top('job-groups: {g: {jobs: [a], parameters: {}}}'),
    '[#/job-groups/g] extraneous key [parameters] is not permitted',
  ],
  [
    'an experiment',
    top('experimental: {notify: {}}'),
    '[#/experimental/notify] required key [branches] not found',
  ],
  [
    'a wrong job of an inline orb',
    top('orbs: {o: {jobs: {a: {machine: true}}}}'),
    '1. [#/orbs/o/jobs/a] required key [steps] not found',
  ],
  ['version 2 without jobs', 'version: 2', '[#] required key [jobs] not found'],
  [
    'version 2 without a version of its workflows',
    'version: 2\njobs: {}\nworkflows: {w: {jobs: [a]}}',
    '[#/workflows] required key [version] not found',
  ],
  [
    'version 2 with a command',
    'version: 2\njobs: {a: {machine: true, steps: [greet]}}',
    '2. [#/jobs/a/steps/0] Input not a valid enum value',
  ],
];
