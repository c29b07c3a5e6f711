// Jobs and commands (LANGUAGE sections 9 and 11).
import {
  allOf,
  anyOf,
  anything,
  closed,
  flag,
  integer,
  list,
  oneOf,
  open,
  required,
  text,
  type MapSchema,
  type Schema,
} from '../schema.types.js';
import { oneRuntime, RUNTIME } from './executors.js';
import { elementParameters } from './parameters.js';
import { step20, steps } from './steps.js';

const retention = closed(
  { caches: text('How long caches are kept, from `1d` to `15d`.', { pattern: '^([1-9]|[12][0-9]|30)d$' }) },
  { about: 'How long things that the job stores are kept.' },
);

const executorReference = oneOf(
  [text(), open({ name: text('The executor.') }, { required: ['name'] })],
  'The executor that it runs on: its name, or a map of `name` and the executor’s parameters.',
);

/** In the order in which the original lists them. */
const BUILD_KEYS = {
  description: RUNTIME.description,
  parallelism: integer('On how many machines all steps run at once.', { min: 1, orNothing: true }),
  macos: RUNTIME.macos,
  resource_class: RUNTIME.resource_class,
  docker: RUNTIME.docker,
  steps: steps('What the job does, in this order.', 1),
  retention,
  working_directory: RUNTIME.working_directory,
  circleci_ip_ranges: flag('Accepted; without effect.'),
  machine: RUNTIME.machine,
  environment: RUNTIME.environment,
  executor: executorReference,
  shell: RUNTIME.shell,
  parameters: elementParameters,
} satisfies Record<string, Schema>;

const BUILD_RULES: Omit<MapSchema, 'kind' | 'keys'> = {
  required: ['steps'],
  tolerated: { type: text(undefined, { values: ['build'] }) },
};

const NEEDS_RUNTIME =
  'A job must have one of `docker`, `machine`, `macos` or `executor` (which can provide docker/machine/macos information).';

const validation = open(
  {
    enabled: flag('Whether the release is watched after it is out.'),
    evaluation_time: text('How long it is watched; `20m` by default.'),
    auto_rollback_on_failure: flag('Whether a release that fails is taken back.'),
    webhooks: list(
      open(
        {
          name: text(),
          provider: text(undefined, {
            values: ['datadog', 'prometheus', 'grafana', 'alertmanager', 'custom'],
          }),
        },
        { required: ['name', 'provider'] },
      ),
      'Who reports on it.',
    ),
  },
  { required: ['enabled'], about: 'How a release is judged.' },
);

const lockKey = open({ key: text('The name of the serial group.', { min: 1 }) }, { required: ['key'] });

/** A job of another type than `build`; further keys, such as steps, are accepted and do nothing (C-216). */
const typed = open(
  {
    type: text('What kind of job it is; `build` by default.', {
      values: ['approval', 'no-op', 'release', 'lock', 'unlock'],
    }),
  },
  {
    required: ['type'],
    cases: {
      key: 'type',
      of: {
        release: open(
          { plan_name: text('The plan of the release.'), validation },
          { required: ['plan_name'] },
        ),
        lock: lockKey,
        unlock: lockKey,
      },
    },
  },
);

export const job: Schema = oneOf(
  [
    allOf([closed(BUILD_KEYS, BUILD_RULES), anyOf([oneRuntime, required('executor', NEEDS_RUNTIME)])]),
    text(undefined, { note: 'Job may be a string reference to another job' }),
    typed,
  ],
  'Steps that run on one machine.',
);

const { executor: _executor, parameters: _parameters, steps: _steps, ...KEYS_OF_VERSION_2 } = BUILD_KEYS;

/** A job of version 2: without executors, parameters and types. `branches` is old and does nothing (C-215). */
export const job20: Schema = allOf([
  closed(
    { ...KEYS_OF_VERSION_2, steps: list(step20, 'What the job does, in this order.', 1) },
    { required: ['steps'], tolerated: { branches: anything() } },
  ),
  oneRuntime,
]);

export const command: Schema = oneOf(
  [
    closed(
      {
        description: text('What it is for.'),
        parameters: elementParameters,
        steps: steps('The steps that stand for it.', 1),
      },
      { required: ['steps'] },
    ),
    text(undefined, { note: 'Command may be a string reference to another command' }),
  ],
  'Steps with a name and parameters.',
);
