// Where a job runs: the keys of executors, which jobs have too (LANGUAGE section 10).
import {
  allOf,
  anything,
  closed,
  flag,
  list,
  number,
  oneOf,
  required,
  text,
  type Schema,
} from '../schema.types.js';
import { elementParameters } from './parameters.js';
import { commandLine, environment, textOrNumber } from './values.js';

const auth = closed(
  { username: text('The name, or `$NAME` of a variable.'), password: text('The password as `$NAME`.') },
  { required: ['username', 'password'], about: 'How to log in to the registry of the image.' },
);

const awsAuth = oneOf(
  [
    closed(
      { aws_access_key_id: text(), aws_secret_access_key: text() },
      { required: ['aws_access_key_id', 'aws_secret_access_key'] },
    ),
    closed({ oidc_role_arn: text() }, { required: ['oidc_role_arn'] }),
  ],
  'How to log in to a registry of AWS.',
);

const image = closed(
  {
    gcp_auth: closed(
      {
        oidc_service_account: text(),
        workload_identity_pool: text(),
        workload_identity_provider: text(),
      },
      { about: 'How to log in to a registry of Google Cloud.' },
    ),
    name: text('A host name under which the other containers reach it.'),
    command: commandLine('What runs in the container instead of the image’s own command.'),
    auth,
    entrypoint: commandLine('What starts the container instead of the image’s own entrypoint.'),
    image: text('The image, such as `cimg/base:current`.'),
    environment,
    aws_auth: awsAuth,
    user: text('The user that commands in the container run as.'),
  },
  { required: ['image'], tolerated: { ports: anything() } },
);

const machine = oneOf(
  [
    flag(),
    text(),
    number,
    closed({
      image: text('The image of the machine.'),
      docker_layer_caching: flag('Keep the layers of Docker images for later jobs.'),
      enabled: oneOf([flag(), text(), number], 'Old; without effect.'),
      resource_class: text('As the key of the same name beside `machine`.'),
      shell: text('As the key of the same name beside `machine`.'),
    }),
  ],
  'Run in a virtual machine, or on a runner of one’s own.',
);

const macos = closed(
  {
    xcode: textOrNumber('The version of Xcode.'),
    resource_class: text(),
    shell: text(),
    code_signing: list(text(), 'The signing bundles to install.'),
  },
  { required: ['xcode'], about: 'Run on a Mac.' },
);

/** Keys that executors and jobs have in common. */
export const RUNTIME = {
  description: text('What it is for.'),
  macos,
  resource_class: text('How large the machine is; a runner’s class has the form `namespace/name`.'),
  docker: list(
    image,
    'Run in a container: the first image is the one that steps run in, the others are services.',
    1,
  ),
  working_directory: text('Where steps run; `~/project` by default.'),
  machine,
  environment,
  shell: commandLine('The command line of the shell for `run` steps.'),
  parameters: elementParameters,
} satisfies Record<string, Schema>;

/** Exactly one of the kinds of machines. */
export const oneRuntime: Schema = oneOf([required('docker'), required('machine'), required('macos')]);

const { description, macos: mac, resource_class, docker, working_directory, shell, parameters } = RUNTIME;

export const executor: Schema = oneOf(
  [
    allOf([
      closed({
        description,
        macos: mac,
        resource_class,
        docker,
        working_directory,
        machine,
        environment,
        shell,
        parameters,
      }),
      oneRuntime,
    ]),
    text(undefined, { note: 'Executor may be a string reference to another executor' }),
  ],
  'A machine to run jobs on, or the name of another executor.',
);
