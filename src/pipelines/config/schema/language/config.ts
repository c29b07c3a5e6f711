// The whole config, and orbs, which have the same elements (LANGUAGE C-012, C-020, C-118, C-125).
import {
  anything,
  closed,
  flag,
  named,
  number,
  oneOf,
  open,
  text,
  type MapSchema,
  type Schema,
} from '../schema.types.js';
import { executor } from './executors.js';
import { command, job, job20 } from './jobs.js';
import { pipelineParameters } from './parameters.js';
import { jobGroup, workflows, workflows20 } from './workflows.js';
import { texts } from './values.js';

const ELEMENT_NAME = '^[a-z][a-z\\d_-]*$';
const JOB_NAME = '^[A-Za-z][A-Za-z\\s\\d_-]*$';

const section = (
  others: Schema,
  names: string,
  about: string,
  rules: Partial<MapSchema> = {},
): MapSchema => ({
  ...closed({}, { others, names, about }),
  ...rules,
});

const ELEMENTS = {
  commands: section(command, ELEMENT_NAME, 'Steps with a name, to be used in jobs.', {
    definesCommands: true,
  }),
  executors: section(executor, ELEMENT_NAME, 'Machines with a name, to run jobs on.'),
  jobs: section(job, JOB_NAME, 'The jobs that workflows use.', {
    note: 'Any string key is allowed as job name.',
  }),
};

const orbs: Schema = named('orbs', () =>
  closed(
    {},
    {
      others: oneOf([
        text('A published orb, `namespace/orb@version`, or the `https://` address of one.'),
        orb,
      ]),
      about: 'Orbs, each under the name by which its elements are used: `name/element`.',
    },
  ),
);

/** An orb that is written in the config itself, or published. Further keys are free. */
export const orb: Schema = open(
  {
    orbs,
    ...ELEMENTS,
    description: text('What the orb is for.'),
    display: anything('Where the orb’s home and source are.'),
    examples: anything('Configs that show how to use it.'),
  },
  { ownsCommands: true },
);

const version = oneOf([number, text()], 'The version of the language: `2.1`.');

const onlyOrIgnore = closed({ only: texts('Branches to tell of.'), ignore: texts('Branches to pass over.') });

/** Unknown keys at the top are free: many configs keep their anchors there. */
export const config21: Schema = open(
  {
    version,
    setup: flag('Makes it a setup config, whose one workflow decides what the pipeline goes on with.'),
    parameters: pipelineParameters,
    jobs: ELEMENTS.jobs,
    workflows,
    'job-groups': section(jobGroup, JOB_NAME, 'Groups of jobs, to be used in workflows like jobs.'),
    commands: ELEMENTS.commands,
    executors: ELEMENTS.executors,
    orbs,
    experimental: closed(
      { notify: closed({ branches: onlyOrIgnore }, { required: ['branches'] }) },
      { required: ['notify'], about: 'Which branches’ results are told of.' },
    ),
  },
  { required: ['version'], ownsCommands: true, about: 'What runs for this repository, and how.' },
);

export const config20: Schema = open(
  {
    version,
    jobs: closed({}, { others: job20, about: ELEMENTS.jobs.about, note: ELEMENTS.jobs.note }),
    workflows: workflows20,
  },
  { required: ['version', 'jobs'] },
);
