// Values that several constructs have in common.
import { flag, list, named, nothing, number, oneOf, open, text, type Schema } from '../schema.types.js';

/** One text or a list of them. */
export const texts = (about: string): Schema => oneOf([text(), list(text())], about);

/** What YAML makes of `1.10` is a number, and such a value is meant as text all the same. */
export const textOrNumber = (about: string): Schema => oneOf([text(), number], about);

/** LANGUAGE C-213, C-377: a map, a list of maps, a list of `NAME=value`, nested as one likes, or one such text. */
export const environment: Schema = named('environment', () =>
  oneOf(
    [open({}, { others: oneOf([text(), flag(), number, nothing]) }), list(environment), text()],
    'Environment variables: a map of names to values, or a list of such maps or of `NAME=value` texts.',
  ),
);

/** A command line as one text, or as a list of words. */
export const commandLine = (about: string): Schema => texts(about);
