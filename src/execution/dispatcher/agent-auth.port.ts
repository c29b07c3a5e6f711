// Who may claim tasks, and which. Identity belongs to another module; it is bound at the root.
import { ForbiddenError } from '../../platform/errors/errors.js';

export const AGENT_AUTH = Symbol('agent auth');

/** What an agent token is good for. */
export interface AgentScope {
  /** `*` for all. */
  resourceClasses: string[];
}

export interface AgentAuth {
  /** Undefined when the bearer is not the token of an agent. */
  scopeOf(token: string): Promise<AgentScope | undefined>;
}

/**
 * The resource classes that a claim is about: those that the agent asks for and its token is good for (`*`: all).
 * @throws ForbiddenError when that is none, so that whoever set the agent up learns why it gets no work
 */
export function allowedClasses(asked: readonly string[], scope: AgentScope): string[] {
  const good = scope.resourceClasses;
  if (good.includes('*')) return [...asked];
  const allowed = asked.includes('*') ? good : asked.filter((name) => good.includes(name));
  if (allowed.length > 0) return [...allowed];
  throw new ForbiddenError(
    'AGENT.RESOURCE_CLASS',
    `this agent token is for tasks of ${good.join(', ')}, not of ${asked.join(', ')}`,
  );
}
