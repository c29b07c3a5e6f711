// The variables of projects and contexts that jobs get. They belong to another module; it is bound at the root.

export const TASK_SECRETS = Symbol('task secrets');

export interface TaskSecrets {
  /**
   * What a job of the project gets: the project's variables, and over them those of the contexts, a later one over an
   * earlier (LANGUAGE C-338, C-339). Throws when a value cannot be opened.
   */
  of(projectId: string, contexts: readonly string[]): Promise<Record<string, string>>;
  /** The contexts that a job of the project may not have, with why for people; undefined when it may have all. */
  refusal(projectId: string, contexts: readonly string[]): Promise<string | undefined>;
}
