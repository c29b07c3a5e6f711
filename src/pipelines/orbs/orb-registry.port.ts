// Where compilations find published orbs. Adapters are checked by orb-registry.contract.ts.
import type { FoundOrb, RegistryReference } from '../config/index.js';

export interface OrbRegistry {
  /**
   * The version that a reference means at `now`: the newest that fits, a dev version until it expires. Undefined when
   * there is none, or when the orb is private and its namespace belongs to another organisation than `organizationId`
   * (LANGUAGE C-120, C-121, C-123).
   */
  find(
    reference: RegistryReference,
    asking: { organizationId?: string; now: Date },
  ): Promise<FoundOrb | undefined>;
}
