// Bounds against hostile input, set far above what real configs need.
import type { CompileLimits } from '../config.types.js';
import { ConfigFault, problemAt, type Place } from './fault.js';

export const defaultLimits: CompileLimits = {
  sourceLength: 4 * 1024 * 1024,
  nodes: 1_000_000,
  depth: 250,
  evaluatedNodes: 4_000_000,
  evaluatedCharacters: 64 * 1024 * 1024,
  steps: 100_000,
  jobs: 5_000,
  compiledLength: 16 * 1024 * 1024,
  orbs: 100,
  urlOrbs: 50,
  urlOrbDepth: 5,
  logicDepth: 100,
  callDepth: 50,
};

/** Counts what a compilation makes, and stops it at its limit. */
export class Budget {
  private readonly used = new Map<keyof CompileLimits, number>();

  constructor(readonly limits: CompileLimits) {}

  usedOf(what: keyof CompileLimits): number {
    return this.used.get(what) ?? 0;
  }

  /** Takes `amount` of a limit; throws a ConfigFault that names the limit when there is no more. */
  take(what: keyof CompileLimits, amount: number, label: string, at: Place = {}): void {
    const total = this.usedOf(what) + amount;
    this.used.set(what, total);
    if (total > this.limits[what]) {
      const message = `The config is too large: it has more than ${this.limits[what]} ${label}`;
      throw new ConfigFault([problemAt(message, at)], true);
    }
  }
}
