// The settings that bound how large a config may be, as the compiler takes them.
import type { Settings } from '../../config/settings.js';
import { settingsSchema } from '../../config/settings.schema.js';
import type { CompileLimits, SizeBounds } from '../pipelines/config/index.js';

/** Which setting each limit is. Those of the language itself (nesting of calls, of logic, of URL orbs) are not settings. */
const SETTING_OF = {
  sourceLength: 'compileMaxSource',
  nodes: 'compileMaxSourceValues',
  depth: 'compileMaxDepth',
  evaluatedNodes: 'compileMaxValues',
  evaluatedCharacters: 'compileMaxText',
  compiledLength: 'compileMaxOutput',
  steps: 'compileMaxSteps',
  jobs: 'compileMaxJobs',
  orbs: 'compileMaxOrbs',
} as const satisfies Partial<Record<keyof CompileLimits, keyof Settings>>;

/** The limits with the names of their environment variables, which messages about them give. */
export function sizeBounds(
  settings: Pick<Settings, (typeof SETTING_OF)[keyof typeof SETTING_OF]>,
): SizeBounds {
  const pairs = Object.entries(SETTING_OF);
  return {
    limits: Object.fromEntries(pairs.map(([limit, setting]) => [limit, settings[setting]])),
    limitNames: Object.fromEntries(pairs.map(([limit, setting]) => [limit, settingsSchema[setting].env])),
  };
}
