// What a resource class means for a container: processors and memory (LANGUAGE C-210).

export interface Limits {
  /** Processors. */
  cpus: number;
  /** Bytes. */
  memory: number;
}

const GIB = 1024 ** 3;
const CLASSES: Readonly<Record<string, readonly [cpus: number, gib: number]>> = {
  small: [1, 2],
  medium: [2, 4],
  'medium+': [3, 6],
  large: [4, 8],
  xlarge: [8, 16],
  '2xlarge': [16, 32],
  '2xlarge+': [20, 40],
};

/**
 * Limits of a class, no more than the engine has (`available`). Forms such as `arm.medium` and `large.gen2`
 * count as the plain class. Undefined, so no limit, for `default` and classes that this table does not have.
 */
export function limitsOf(resourceClass: string, available: Limits): Limits | undefined {
  const found = CLASSES[resourceClass.replace(/^arm\./, '').replace(/\.gen\d+$/, '')];
  if (!found) return undefined;
  return {
    cpus: Math.min(found[0], available.cpus),
    memory: Math.min(found[1] * GIB, available.memory),
  };
}
