// The four ways in which a request can be wrong. Edges map them to their protocol; nothing below an edge knows HTTP.

/** Base of the errors that a caller caused and can understand. `code` is stable, e.g. `PIPELINE.NOT_FOUND`. */
export abstract class RotundaError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = new.target.name;
  }
}

/** The input breaks a rule of form or meaning; the message says what and where. */
export class InvalidInputError extends RotundaError {}

/** The thing that the request names does not exist, or not for this caller. */
export class NotFoundError extends RotundaError {}

/** The request is well formed but the present state refuses it. */
export class ConflictError extends RotundaError {}

/** The caller is known and may not do this. */
export class ForbiddenError extends RotundaError {}

/** The message of anything thrown, for logs and events. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
