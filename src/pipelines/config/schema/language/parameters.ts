// `parameters` of a pipeline, a job, a command or an executor (LANGUAGE C-035, C-137).
import { anything, closed, list, number, oneOf, flag, text, type Schema } from '../schema.types.js';

const KEYS = {
  description: text('What the parameter is for.'),
  enum: list(oneOf([text(), number, flag()]), 'The values that a parameter of type `enum` can have.', 1),
};

/** Every value may be a default; whether it fits the type is checked where the parameters are bound. */
const DEFAULT = anything('The value when none is given. Without a default the parameter must be given.');

const declaration = (types: readonly string[], required: readonly string[]): Schema =>
  closed(
    {
      type: text('The kind of value that it takes.', { values: types }),
      default: DEFAULT,
      ...KEYS,
    },
    { required },
  );

export const pipelineParameters: Schema = closed(
  {},
  {
    about:
      'Parameters of the pipeline, given when it is triggered and read as `<< pipeline.parameters.NAME >>`.',
    others: declaration(['string', 'boolean', 'integer', 'enum'], ['type', 'default']),
  },
);

export const elementParameters: Schema = closed(
  {},
  {
    about: 'Parameters, given where it is used and read inside it as `<< parameters.NAME >>`.',
    others: declaration(
      ['string', 'boolean', 'integer', 'enum', 'executor', 'steps', 'env_var_name'],
      ['type'],
    ),
  },
);
