// The rules of a context. Its id is a function of its organization and name, so two cannot have one name.
import { ConflictError, InvalidInputError, NotFoundError } from '../../platform/errors/errors.js';
import { nothing, record, type Decider } from '../../platform/event-store/decider.js';
import { event } from '../../platform/event-store/event-of.js';
import { contextEvents, type ContextEvent, type ContextFacts } from './context.events.js';
import { checkVariableName } from './variable-name.js';

export type ContextCommand =
  | ({ type: 'CreateContext' } & ContextFacts)
  | { type: 'DeleteContext'; contextId: string }
  | { type: 'StoreContextVariable'; contextId: string; name: string; sealed: string }
  | { type: 'RemoveContextVariable'; contextId: string; name: string };

export interface ContextState {
  /** Undefined before it was made and after it was deleted. */
  facts: ContextFacts | undefined;
  variables: ReadonlySet<string>;
}

/** LANGUAGE C-292 and C-340. */
const LONGEST_NAME = 200;
const MOST_VARIABLES = 100;

export const contextDecider: Decider<ContextCommand, ContextState, ContextEvent> = {
  events: contextEvents,
  initialState: () => ({ facts: undefined, variables: new Set() }),

  decide(command, state) {
    if (command.type === 'CreateContext') {
      const { type: _, ...facts } = command;
      checkName(facts.name);
      if (state.facts)
        throw new ConflictError('CONTEXT.EXISTS', `A context with the name "${facts.name}" exists.`);
      return record(event<ContextEvent>('ContextCreated', facts));
    }
    if (!state.facts) throw new NotFoundError('CONTEXT.NOT_FOUND', 'Context not found.');
    const { contextId } = command;
    switch (command.type) {
      case 'DeleteContext':
        return record(event<ContextEvent>('ContextDeleted', state.facts));
      case 'StoreContextVariable': {
        const { name, sealed } = command;
        checkVariableName(name);
        if (!state.variables.has(name) && state.variables.size >= MOST_VARIABLES)
          throw new ConflictError(
            'CONTEXT.FULL',
            `A context has at most ${MOST_VARIABLES} variables, and this one has them.`,
          );
        return record(event<ContextEvent>('ContextVariableStored', { contextId, name, sealed }));
      }
      case 'RemoveContextVariable': {
        const { name } = command;
        if (!state.variables.has(name)) return nothing('the context has no such variable');
        return record(event<ContextEvent>('ContextVariableRemoved', { contextId, name }));
      }
    }
  },

  evolve(state, { type, data }) {
    switch (type) {
      case 'ContextCreated':
        return { facts: data, variables: new Set() };
      case 'ContextDeleted':
        return { facts: undefined, variables: new Set() };
      case 'ContextVariableStored':
        return { ...state, variables: new Set(state.variables).add(data.name) };
      case 'ContextVariableRemoved':
        return { ...state, variables: new Set([...state.variables].filter((name) => name !== data.name)) };
    }
  },
};

function checkName(name: string): void {
  const length = [...name].length;
  if (length === 0 || length > LONGEST_NAME || name.trim() !== name)
    throw new InvalidInputError(
      'CONTEXT.NAME',
      `The name of a context has 1 to ${LONGEST_NAME} characters and no space around it.`,
    );
}
