// Who may claim tasks. Identity belongs to another module; it is bound at the root.

export const AGENT_AUTH = Symbol('agent auth');

export interface AgentAuth {
  /** True when the bearer is the token of an agent. */
  mayClaim(token: string): Promise<boolean>;
}
