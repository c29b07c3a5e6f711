// From contexts to what REST v2 shows of them.
import type { ContextEntity } from '../../contexts/context.entity.js';
import type { ShownVariable } from '../../contexts/contexts.js';
import type { ContextVariableView, ContextView, VariableInContextView } from './contexts.schemas.js';

export function contextView({ id, name, createdAt }: ContextEntity): ContextView {
  return { id, name, created_at: createdAt.toISOString() };
}

export function contextVariableView(contextId: string, variable: ShownVariable): ContextVariableView {
  return {
    variable: variable.name,
    context_id: contextId,
    created_at: variable.createdAt.toISOString(),
    updated_at: variable.updatedAt.toISOString(),
  };
}

export function variableInContextView(contextId: string, variable: ShownVariable): VariableInContextView {
  return { ...contextVariableView(contextId, variable), truncated_value: variable.masked };
}
