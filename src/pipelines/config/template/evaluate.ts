// Evaluates `<< >>` in strings and in whole nodes. A tag that is the whole value keeps its type (LANGUAGE C-157).
import { evaluateExpression } from '../expression/evaluate.js';
import { isTruthy } from '../logic/truth.js';
import { fault, type Place } from '../problems/fault.js';
import type { Budget } from '../problems/limits.js';
import { mapping, scalar, sequence, type ConfigNode, type ScalarNode } from '../yaml/node.js';
import { isLiteral, scanTemplate, TemplateSyntaxError, type TemplatePart } from './scan.js';
import { interpolate } from './interpolate.js';
import { standingAt, unknownVariable, VARIABLE_NAME, type Variables } from './variables.js';

/** A variable that became part of a text. */
export interface UsedVariable {
  name: string;
  value: ConfigNode;
}
/** Told of every text that was made with variables in it. */
export type OnUse = (made: ScalarNode, used: readonly UsedVariable[]) => void;

export interface Evaluating {
  onUse?: OnUse;
  /** The node is the value of a key `environment`, where an empty pipeline value is null: `<nil>` to a process (C-044). */
  environment?: boolean;
}

/**
 * The node with every string scalar evaluated; keys are left as they are. A node that a whole-value tag names is
 * returned itself, not copied, so that what is known about it by identity (its scope) stays known.
 */
export function evaluateNode(
  node: ConfigNode,
  variables: Variables,
  budget: Budget,
  { onUse, environment = false }: Evaluating = {},
): ConfigNode {
  budget.take('evaluatedNodes', 1, 'values after its templates are evaluated', node);
  switch (node.kind) {
    case 'scalar':
      return typeof node.value === 'string' && !isLiteral(node.value)
        ? evaluateString(node, node.value, variables, budget, { onUse, environment })
        : node;
    case 'sequence':
      return sequence(
        node.items.map((item) => evaluateNode(item, variables, budget, { onUse, environment })),
        node,
      );
    case 'mapping': {
      const result = mapping([], node);
      for (const [key, value] of node.entries) {
        const inside = { onUse, environment: environment || key === 'environment' };
        result.entries.set(key, evaluateNode(value, variables, budget, inside));
      }
      result.keys = node.keys;
      return result;
    }
  }
}

function evaluateString(
  node: ScalarNode,
  text: string,
  given: Variables,
  budget: Budget,
  { onUse, environment }: Evaluating,
): ConfigNode {
  const used: UsedVariable[] = [];
  const variables = onUse ? recording(given, used) : given;
  const parts = scan(text, node);
  const only = parts.length === 1 ? parts[0] : undefined;
  if (only?.kind === 'tag') {
    const value = valueOf(only, variables, budget, node);
    return environment && isEmptyValue(only.content, value) ? scalar(null, node) : standingAt(value, node);
  }
  const result = render(parts, variables, budget, node);
  budget.take('evaluatedCharacters', result.length, 'characters after its templates are evaluated', node);
  const made = scalar(result, node);
  onUse?.(made, used);
  return made;
}

function recording(variables: Variables, used: UsedVariable[]): Variables {
  const noting: Variables = (name, at) => {
    const value = variables(name, at);
    if (value) used.push({ name, value });
    return value;
  };
  return Object.assign(noting, { odd: variables.odd });
}

/** A value of the pipeline itself, not one of its parameters, that is empty. */
function isEmptyValue(name: string, value: ConfigNode): boolean {
  const ofPipeline = name.startsWith('pipeline.') && !name.startsWith('pipeline.parameters.');
  return ofPipeline && VARIABLE_NAME.test(name) && value.kind === 'scalar' && value.value === '';
}

function scan(text: string, at: Place): TemplatePart[] {
  try {
    return scanTemplate(text);
  } catch (error) {
    if (error instanceof TemplateSyntaxError) throw fault(error.message, at);
    throw error;
  }
}

function render(parts: readonly TemplatePart[], variables: Variables, budget: Budget, at: Place): string {
  const texts = parts.map((part) => {
    if (part.kind === 'text') return part.text;
    if (part.kind === 'tag') return interpolate(valueOf(part, variables, budget, at));
    const value = lookUp(part.name, `<<# ${part.name} >>`, variables, at);
    return isTruthy(value) !== part.inverted ? render(part.parts, variables, budget, at) : '';
  });
  return texts.join('');
}

function valueOf(
  tag: { content: string; source: string },
  variables: Variables,
  budget: Budget,
  at: Place,
): ConfigNode {
  const odd = variables.odd?.get(tag.content);
  if (odd) return odd;
  if (VARIABLE_NAME.test(tag.content)) {
    const value = variables(tag.content, at);
    if (value) return value;
    if (tag.content !== 'true' && tag.content !== 'false')
      throw unknownVariable(tag.content, tag.source, at, variables);
  }
  return evaluateExpression(tag.content, variables, budget.limits.logicDepth, at);
}

function lookUp(name: string, source: string, variables: Variables, at: Place): ConfigNode {
  const value = variables(name, at);
  if (!value) throw unknownVariable(name, source, at, variables);
  return value;
}
