/** A fault in a regular expression: what is wrong, and for constructs that cannot be had, their name. */
export class RegexError extends Error {}

/** The message for what Java has and an engine of linear time cannot have. */
export function unsupported(construct: string): RegexError {
  return new RegexError(`${construct} is not supported, since matching must take linear time`);
}
