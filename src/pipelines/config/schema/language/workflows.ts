// Workflows and job groups (LANGUAGE section 17).
import { allOf, closed, integer, list, number, oneOf, open, text, type Schema } from '../schema.types.js';
import { logic } from './logic.js';
import { steps } from './steps.js';
import { texts } from './values.js';

const STATUSES = ['success', 'failed', 'canceled', 'unauthorized', 'not_run', 'terminal'];

const status = text('How the other job must end; `terminal` stands for every end.', { values: STATUSES });

const requirement = oneOf(
  [
    text('A job that must have succeeded.'),
    closed({}, { others: oneOf([status, list(status, undefined, 1)]), atMost: 1 }),
  ],
  'A job of the workflow, by the name that it has there, with the statuses that let this one run.',
);

const nameFilter = closed({
  only: texts('The names that it runs for, or `/patterns/` that must match the whole name.'),
  ignore: texts('The names that it does not run for.'),
});

const filters = oneOf(
  [
    open({
      branches: nameFilter,
      tags: { ...nameFilter, about: 'Without it, the job does not run for tags.' },
    }),
    text('An expression; the job runs when it is true.'),
  ],
  'The branches and tags that the job runs for.',
);

const matrix = open(
  {
    parameters: open({}, { about: 'Lists of values by parameter.' }),
    exclude: list(open({}), 'Combinations to leave out, each with a value for every parameter.'),
    alias: text('The name by which other jobs require all of them.'),
  },
  { required: ['parameters'], about: 'Runs the job once for each combination of values.' },
);

/** Every other key is an argument of the job. */
const invocation = open({
  requires: { ...list(requirement, 'The jobs that must have ended before.'), orNothing: true },
  name: text('The name in the workflow; the job’s own name by default.'),
  context: texts('The contexts whose variables the job gets; later ones win.'),
  type: text('`approval`: a job that waits for somebody’s approval.'),
  filters,
  matrix,
  'pre-steps': steps('Steps before those of the job.'),
  'post-steps': steps('Steps after those of the job.'),
  'serial-group': text('Jobs with the same key run one after another.', { min: 1 }),
  'override-with': text('A job of an orb that replaces this one when the orb has it.'),
});

const entry = oneOf([
  closed({}, { others: invocation, atMost: 1, emptyDoNotCount: true }),
  text('A job without arguments.'),
]);

const schedule = closed(
  {
    cron: text('Minute, hour, day of the month, month and day of the week, in UTC.'),
    filters: closed({ branches: nameFilter }, { required: ['branches'], about: 'The branches to run for.' }),
  },
  { required: ['cron', 'filters'] },
);

const trigger = closed({ schedule }, { required: ['schedule'] });

const workflow = allOf(
  [
    open(
      {
        jobs: list(entry, 'The jobs that run, with what each of them waits for.', 1),
        when: logic,
        unless: logic,
        triggers: list(trigger, 'Makes it run by the clock, and not for pushes.'),
        max_auto_reruns: integer('How often a failed workflow is run again from the failed jobs.', {
          min: 1,
          max: 5,
        }),
      },
      { required: ['jobs'] },
    ),
    { kind: 'exclusive', keys: ['when', 'unless'] },
  ],
  'Jobs and their order.',
);

const version = oneOf([number, text()], 'Of version 2 only.');

export const workflows: Schema = closed(
  { version },
  { others: workflow, names: '.+', about: 'What runs in a pipeline.' },
);

/** Version 2 needs the key `version` here too (LANGUAGE C-004). */
export const workflows20: Schema = closed(
  { version },
  { others: workflow, names: '.+', required: ['version'], about: 'What runs in a pipeline.' },
);

export const jobGroup: Schema = closed(
  { jobs: list(entry, 'The jobs of the group; they can require each other only.', 1) },
  { required: ['jobs'], about: 'Jobs that a workflow uses as if they were one.' },
);
