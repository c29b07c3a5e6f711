// What a variable may be called and hold (LANGUAGE C-340).
import { InvalidInputError } from '../../platform/errors/errors.js';

const LONGEST_NAME = 300;
const LONGEST_VALUE = 32_000;

/** Throws InvalidInputError unless it is a name as shells have it, of at most 300 characters. */
export function checkVariableName(name: string): void {
  if (name.length > LONGEST_NAME)
    throw new InvalidInputError(
      'VARIABLE.NAME',
      `The name of a variable has at most ${LONGEST_NAME} characters.`,
    );
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    throw new InvalidInputError(
      'VARIABLE.NAME',
      `"${name}" cannot be the name of a variable: it begins with a letter or _, and has only letters, digits and _.`,
    );
}

/** Throws InvalidInputError for a value of more than 32,000 characters. */
export function checkVariableValue(value: string): void {
  if ([...value].length > LONGEST_VALUE)
    throw new InvalidInputError(
      'VARIABLE.VALUE',
      `The value of a variable has at most ${LONGEST_VALUE} characters.`,
    );
}

/**
 * A value as lists show it: four x and its last four characters, of a short value only the x
 * (ENDPOINTS: `xxxx1234`).
 */
export function masked(value: string): string {
  return value.length < 8 ? 'xxxx' : `xxxx${value.slice(-4)}`;
}
