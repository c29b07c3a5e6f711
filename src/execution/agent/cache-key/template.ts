// The part of Go's text/template that is of use in cache keys (LANGUAGE C-259): text, fields, variables, functions, pipes,
// `if` and `with`. Errors have Go's words, since users know and search for them.
import {
  BUILTIN_FUNCTIONS,
  isTrue,
  printed,
  type TemplateFunction,
  type Value,
} from './template-functions.js';
import { lineOf, NAME, TemplateError } from './template-parts.js';
import { templateTree, type Expression, type TemplateNode } from './template-tree.js';

export { TemplateError } from './template-parts.js';
export type { Value } from './template-functions.js';

export interface TemplateScope {
  /** Fields of the dot. */
  fields: Readonly<Record<string, Value>>;
  functions: Readonly<Record<string, TemplateFunction>>;
}

/** Evaluates a template. Throws TemplateError. */
export async function renderTemplate(source: string, scope: TemplateScope): Promise<string> {
  const functions = { ...BUILTIN_FUNCTIONS, ...scope.functions };
  const tree = templateTree(source, (name) => Object.hasOwn(functions, name));
  const root = { isRoot: true, value: scope.fields } as const;
  return new Evaluation(source, functions).render(tree, {
    dot: root,
    variables: new Map([['$', { thing: root }]]),
  });
}

/** A value, or the fields that a template begins with, which are more than a map of texts. */
type Thing = { isRoot: true; value: TemplateScope['fields'] } | { isRoot?: false; value: Value };

interface Place {
  dot: Thing;
  variables: ReadonlyMap<string, { thing: Thing }>;
}

class Evaluation {
  constructor(
    private readonly source: string,
    private readonly functions: TemplateScope['functions'],
  ) {}

  async render(nodes: readonly TemplateNode[], given: Place): Promise<string> {
    let place = given;
    let text = '';
    for (const node of nodes) {
      if (typeof node === 'string') text += node;
      else if (node.kind === 'pipe') text += printed(await this.value(node, place));
      else {
        const thing: Thing = { value: await this.value(node.pipe, place) };
        const set = (name: string): Place => ({
          dot: place.dot,
          variables: new Map(place.variables).set(name, { thing }),
        });
        if (node.kind === 'set') {
          if (node.declared) place = set(node.name);
          else this.variable(node.name, node.pipe.at, place).thing = thing;
          continue;
        }
        const inside = node.name === undefined ? place : set(node.name);
        if (!isTrue(thing.value)) text += await this.render(node.otherwise, inside);
        else text += await this.render(node.then, node.kind === 'with' ? { ...inside, dot: thing } : inside);
      }
    }
    return text;
  }

  private async value(node: Expression, place: Place): Promise<Value> {
    if (node.kind === 'value') return node.value;
    if (node.kind === 'field') return this.field(node, node.names, place.dot);
    if (node.kind === 'variable') {
      const { thing } = this.variable(node.name, node.at, place);
      return this.field(node, node.names, thing);
    }
    if (node.kind === 'call') return this.call([node], undefined, place);
    let piped: { value: Value } | undefined;
    for (const command of node.commands) {
      const [first] = command;
      if (first!.kind === 'call') piped = { value: await this.call(command, piped, place) };
      else if (command.length > 1 || piped)
        throw this.failure(first!, `can't give argument to non-function ${first!.text}`);
      else piped = { value: await this.value(first!, place) };
    }
    return piped?.value;
  }

  private variable(name: string, at: number, { variables }: Place): { thing: Thing } {
    const found = variables.get(name);
    if (!found)
      throw new TemplateError(`template: ${NAME}:${lineOf(this.source, at)}: undefined variable "${name}"`);
    return found;
  }

  private async call(
    command: Expression[],
    piped: { value: Value } | undefined,
    place: Place,
  ): Promise<Value> {
    const [callee, ...rest] = command;
    if (callee?.kind !== 'call') return undefined;
    const known = this.functions[callee.name]!;
    const count = rest.length + (piped ? 1 : 0);
    const wanted = 'arity' in known ? known.arity : known.least;
    if ('arity' in known ? count !== wanted : count < wanted) {
      const words = 'arity' in known ? `want ${wanted}` : `want at least ${wanted}`;
      throw this.failure(callee, `wrong number of args for ${callee.name}: ${words} got ${count}`);
    }
    const args: Value[] = [];
    for (const node of rest) {
      args.push(await this.value(node, place));
      // These two do not evaluate what does not count any more.
      if (callee.name === 'or' && isTrue(args.at(-1))) return args.at(-1);
      if (callee.name === 'and' && !isTrue(args.at(-1))) return args.at(-1);
    }
    if (piped) args.push(piped.value);
    try {
      return await known.call(...args);
    } catch (error) {
      const text = command.map((node) => node.text).join(' ');
      const reason = error instanceof Error ? error.message : String(error);
      throw this.failure({ ...callee, text }, `error calling ${callee.name}: ${reason}`);
    }
  }

  private field(node: Expression, names: readonly string[], thing: Thing): Value {
    let value: Value | TemplateScope['fields'] = thing.value;
    let isRoot = thing.isRoot === true;
    for (const name of names) {
      if (typeof value !== 'object') throw this.failure(node, `can't evaluate field ${name} in type string`);
      const has = Object.hasOwn(value, name);
      if (isRoot && !has) throw this.failure(node, `can't evaluate field ${name} in type cache.KeyData`);
      value = has ? value[name] : undefined;
      isRoot = false;
    }
    return value as Value;
  }

  private failure(node: Expression, message: string): TemplateError {
    const lineStart = this.source.lastIndexOf('\n', node.at - 1) + 1;
    const column = Buffer.byteLength(this.source.slice(lineStart, node.at));
    return new TemplateError(
      `template: ${NAME}:${lineOf(this.source, node.at)}:${column}: executing "${NAME}" at <${node.text}>: ${message}`,
    );
  }
}
