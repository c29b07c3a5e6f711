// What a config says of itself at its top, read before it is compiled. Never throws.
import type { ConfigProblem, ParameterValue, SizeBounds } from './config.types.js';
import { problemsOf } from './problems/fault.js';
import { Budget } from './problems/limits.js';
import { entriesOf, type ConfigNode } from './yaml/node.js';
import { parseAgain } from './yaml/parse-cache.js';
import { setupOf } from './workflow/assemble.js';

export type OutlineResult =
  | {
      ok: true;
      /** A setup config of version 2.1 (LANGUAGE C-023). */
      setup: boolean;
      /** Names of the declared pipeline parameters, each with its default where that is a plain value. */
      parameters: Record<string, ParameterValue | null>;
    }
  | { ok: false; errors: ConfigProblem[] };

/**
 * Only what has to be known before; faults beside bad YAML are found by compiling, which does not read the text again when it
 * is given the same `fileName`.
 */
export function outline(source: string, bounds: SizeBounds = {}, fileName?: string): OutlineResult {
  try {
    const root = parseAgain(source, Budget.of(bounds), fileName);
    if (root.kind !== 'mapping' || !isNewVersion(root.entries.get('version')))
      return { ok: true, setup: false, parameters: {} };
    const parameters = [...entriesOf(root.entries.get('parameters'))].map(
      ([name, entry]) => [name, plainDefault(entriesOf(entry).get('default'))] as const,
    );
    return { ok: true, setup: setupOf(root), parameters: Object.fromEntries(parameters) };
  } catch (error) {
    return { ok: false, errors: problemsOf(error) };
  }
}

function isNewVersion(version: ConfigNode | undefined): boolean {
  return version?.kind === 'scalar' && String(version.value) === '2.1';
}

function plainDefault(node: ConfigNode | undefined): ParameterValue | null {
  return node?.kind === 'scalar' ? node.value : null;
}
