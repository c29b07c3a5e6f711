// Bounds on the time that the orbs of one config may take to be found.
import type { FoundOrb, OrbResolver } from '../config.types.js';

export interface OrbLimits {
  /** How long one orb may take to be found. */
  orbMilliseconds: number;
  /** How long all orbs of one task may take. */
  allOrbsMilliseconds: number;
}

/** Finds orbs for one task. Rejects when its resolver does, or with an error that names the limit. */
export function limitedResolver(
  orbs: OrbResolver,
  { orbMilliseconds, allOrbsMilliseconds }: OrbLimits,
): (reference: string) => Promise<FoundOrb | undefined> {
  let left = allOrbsMilliseconds;
  return async (reference) => {
    const startedAt = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const [what, limit] =
        left < orbMilliseconds
          ? ['the orbs of the config', allOrbsMilliseconds]
          : [reference, orbMilliseconds];
      timer = setTimeout(
        () => reject(new Error(`Finding ${what} took longer than ${limit / 1000} s`)),
        Math.max(1, Math.min(left, orbMilliseconds)),
      );
    });
    try {
      return await Promise.race([orbs.resolve(reference), late]);
    } finally {
      clearTimeout(timer);
      left -= performance.now() - startedAt;
    }
  };
}
