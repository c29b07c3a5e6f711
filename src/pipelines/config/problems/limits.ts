// Bounds against hostile input, set far above what real configs need.
import type { CompileLimits, SizeBounds } from '../config.types.js';
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

  constructor(
    readonly limits: CompileLimits,
    private readonly names: SizeBounds['limitNames'] = {},
  ) {}

  /** A budget with the defaults for what the bounds do not say. */
  static of({ limits, limitNames }: SizeBounds): Budget {
    return new Budget({ ...defaultLimits, ...limits }, limitNames);
  }

  /** What stands behind a message about a limit: where it is set, if that is known. */
  limitText(what: keyof CompileLimits): string {
    return limitText(this.names?.[what]);
  }

  usedOf(what: keyof CompileLimits): number {
    return this.used.get(what) ?? 0;
  }

  /** Takes `amount` of a limit; throws a ConfigFault that names the limit when there is no more. */
  take(what: keyof CompileLimits, amount: number, label: string, at: Place = {}): void {
    const total = this.usedOf(what) + amount;
    this.used.set(what, total);
    if (total > this.limits[what]) throw this.tooLarge(what, label, at);
  }

  /** The fault of a config that has more than a limit allows of what `label` says, e.g. `steps`. Nothing goes on after it. */
  tooLarge(what: keyof CompileLimits, label: string, at: Place = {}): ConfigFault {
    const message = `The config is too large: it has more than ${this.limits[what]} ${label}${this.limitText(what)}`;
    return new ConfigFault([problemAt(message, at)], true);
  }
}

/** ` (the limit NAME)`, or nothing for a limit that has no name. */
export function limitText(name: string | undefined): string {
  return name === undefined ? '' : ` (the limit ${name})`;
}
