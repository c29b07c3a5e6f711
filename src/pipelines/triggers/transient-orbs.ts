// Tells a registry that does not answer from an orb that a config has wrong: the first is worth another try.
import { InvalidInputError } from '../../platform/errors/errors.js';
import type { OrbResolver } from '../config/index.js';

export interface WatchedOrbs extends OrbResolver {
  /** Throws the first failure that was not the config's fault. */
  throwIfAny(): void;
}

/** The compiler turns whatever a resolver throws into errors of the config; this remembers what it was. */
export function sayingWhatFailed(orbs: OrbResolver): WatchedOrbs {
  const failures: unknown[] = [];
  return {
    resolve: async (reference) => {
      try {
        return await orbs.resolve(reference);
      } catch (error) {
        if (!(error instanceof InvalidInputError)) failures.push(error);
        throw error;
      }
    },
    throwIfAny: () => {
      if (failures.length > 0) throw failures[0];
    },
  };
}
