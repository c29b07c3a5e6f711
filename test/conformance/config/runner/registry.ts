// The orb registry of a case: texts by whole reference; a shorter version finds the newest one given.
import type { OrbResolver } from '../../../../src/pipelines/config/index.js';

export function registryOf(orbs: Readonly<Record<string, string>>): OrbResolver {
  return {
    resolve(reference) {
      const found = Object.hasOwn(orbs, reference) ? reference : newest(Object.keys(orbs), reference);
      return Promise.resolve(
        found === undefined ? undefined : { source: orbs[found]!, resolvedReference: found },
      );
    },
  };
}

function newest(known: readonly string[], reference: string): string | undefined {
  const start = reference.endsWith('@volatile') ? reference.slice(0, -'volatile'.length) : `${reference}.`;
  const candidates = known.filter((candidate) => candidate.startsWith(start) && !candidate.includes('@dev:'));
  return candidates.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
}
