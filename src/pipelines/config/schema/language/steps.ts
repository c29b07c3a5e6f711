// Steps (LANGUAGE sections 12 to 16). Maps of built-in steps are open: real configs have odd keys in them (C-369 to C-374).
import {
  allOf,
  anyOf,
  anything,
  closed,
  flag,
  integer,
  list,
  named,
  number,
  oneOf,
  open,
  required,
  text,
  type Schema,
} from '../schema.types.js';
import { logic } from './logic.js';
import { environment, textOrNumber } from './values.js';

const name = text('The title that is shown for the step.');
const when = text('When the step runs: after success (the default), after a failure, or always.', {
  values: ['always', 'on_success', 'on_fail'],
});
const paths = oneOf([list(text()), text()], 'Files and directories.');

const RUN_KEYS = {
  command: text('The script that the shell runs.'),
  name,
  shell: text('The command line that the script is given to; replaces the default with all its flags.'),
  environment,
  background: flag('Go on with the next step at once; the process is stopped when the job ends.'),
  working_directory: text('Where the command runs, relative to the directory of the job.'),
  no_output_timeout: oneOf(
    [text(undefined, { pattern: '\\d+(\\.\\d+)?[mhs]' }), number],
    'How long the step may be silent, such as `20m`; ten minutes by default.',
  ),
  when,
  max_auto_reruns: integer('How often a failed step is tried again.', { min: 1, max: 5 }),
  auto_rerun_delay: text('The pause before each new try, at most ten minutes.', {
    pattern: '^((10|[1-9])m|[1-9][0-9]*s)$',
  }),
};

const runMap = open(RUN_KEYS, {
  required: ['command'],
  about: 'Run a command in a new shell.',
});
const run = oneOf(
  [text(undefined, { note: '{run "..."} is shorthand for `{run {command "..."}}`' }), runMap],
  'Run a command in a new shell.',
);

const saveCache = open(
  {
    key: text('The key, a template that the job evaluates; saved once only.'),
    paths,
    name,
    when,
  },
  { required: ['key', 'paths'], about: 'Keep files for jobs of later pipelines.' },
);

const restoreCache = allOf(
  [
    open({
      key: text('The key, or the beginning of it; the newest cache that fits is taken.'),
      keys: list(text(), 'Keys that are tried in this order.'),
      name,
    }),
    anyOf([required('key'), required('keys')]),
  ],
  'Bring back files that an earlier job has kept.',
);

/** What each built-in step takes. */
const BUILTIN: Readonly<Record<string, Schema>> = {
  persist_to_workspace: open(
    { root: text('The directory that `paths` begin at.'), paths, name },
    { required: ['root', 'paths'], about: 'Give files to jobs further down in the workflow.' },
  ),
  save_cache: saveCache,
  run,
  checkout: open(
    {
      path: text('Where the source goes; the working directory by default.'),
      method: text('How much of the history is fetched.', { values: ['blobless', 'full', 'shallow'] }),
      depth: integer('How many commits a shallow clone has.', { min: 1 }),
      name,
    },
    { about: 'Fetch the source of the pipeline.' },
  ),
  attach_workspace: open(
    { at: text('The directory that the files go to.'), name },
    { required: ['at'], about: 'Take the files that jobs before this one have given.' },
  ),
  store_test_results: open(
    { path: text('A directory of reports, or one report.'), name, when },
    { required: ['path'], about: 'Hand over JUnit reports.' },
  ),
  restore_cache: restoreCache,
  store_artifacts: open(
    {
      path: text('A file or a directory.'),
      destination: text('The beginning of the artifacts’ names.'),
      name,
      when,
    },
    { required: ['path'], about: 'Keep files beyond the end of the job.' },
  ),
  add_ssh_keys: open(
    { fingerprints: list(text(), 'Which keys of the project; all of them by default.'), name },
    { about: 'Put SSH keys of the project into the job.' },
  ),
  deploy: { ...runMap, about: 'The old name of `run` for deployments; on one node only.' },
  setup_remote_docker: open(
    {
      docker_layer_caching: flag('Keep the layers for later jobs.'),
      prefer_same_region: flag('Place the engine near the job.'),
      version: textOrNumber('The version of the engine.'),
    },
    { about: 'Give a job in a container a Docker engine of its own.' },
  ),
  install_signing_bundle: open({ name }, { about: 'Install what signing for macOS needs.' }),
};

const WITHOUT_ARGUMENTS = ['checkout', 'setup_remote_docker', 'add_ssh_keys'];

const conditional = (about: string): Schema =>
  open(
    { condition: logic, steps: { ...list(step), orOne: true } },
    { required: ['condition', 'steps'], about },
  );

/** A step of version 2.1: built in, a command with its arguments, a condition, or a parameter that holds steps. */
function stepSchema(): Schema {
  return oneOf([
    {
      kind: 'map',
      keys: {
        when: conditional('Steps that are there when the condition holds.'),
        unless: conditional('Steps that are there when the condition does not hold.'),
        steps: anything('The steps that a parameter holds: `<< parameters.NAME >>`.'),
        ...BUILTIN,
      },
      others: oneOf([open({}), text()], 'The arguments of a command.'),
      names: '^[a-z][a-z\\d/_-]*$',
      atMost: 1,
      commandsShadow: true,
    },
    text('A step or a command without arguments.'),
  ]);
}

export const step: Schema = named('step', stepSchema);

export const steps = (about: string, min?: number): Schema => list(step, about, min);

/** A step of version 2, which knows neither commands nor conditions. */
export const step20: Schema = named('step20', () =>
  oneOf([
    closed(BUILTIN, { atMost: 1 }),
    text(undefined, {
      values: WITHOUT_ARGUMENTS,
      note: 'Steps without arguments can be called as strings',
    }),
  ]),
);
