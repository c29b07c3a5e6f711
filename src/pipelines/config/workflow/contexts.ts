// Limits on the contexts of a config (LANGUAGE C-292, C-357).
import { fault } from '../problems/fault.js';
import { textOf, type ConfigNode } from '../yaml/node.js';

const MOST_CONTEXTS = 100;
const MOST_CHARACTERS = 200;

/** `uses` are the values of `context` of all jobs, each a name or a list of names. Throws a ConfigFault for too many. */
export function checkContexts(uses: readonly ConfigNode[]): void {
  const names = new Set<string>();
  for (const use of uses) {
    for (const item of use.kind === 'sequence' ? use.items : [use]) {
      const name = textOf(item);
      if (name === undefined) continue;
      if (name.length > MOST_CHARACTERS) {
        const at = `[${item.pointer ?? '#'}]`;
        throw fault(`${at} expected maxLength: ${MOST_CHARACTERS}, actual: ${name.length}`, item);
      }
      names.add(name);
      if (names.size > MOST_CONTEXTS)
        throw fault(`A config may use at most ${MOST_CONTEXTS} different contexts`, item);
    }
  }
}
