// Old events in the form of today: events are never changed, so every read lifts them to their type's newest version.

/** Makes the data of version n + 1 out of that of version n. Pure. */
export type Upcast = (data: unknown) => unknown;

export class Upcasters {
  private readonly steps = new Map<string, Map<number, Upcast>>();

  /** `upcast` lifts `type` from `fromVersion` to the next version; steps are chained. Throws when one is there already. */
  register(type: string, fromVersion: number, upcast: Upcast): this {
    if (!Number.isInteger(fromVersion) || fromVersion < 1) {
      throw new RangeError(`the versions of event ${type} are counted from 1, not ${fromVersion}`);
    }
    const steps = this.steps.get(type) ?? new Map<number, Upcast>();
    if (steps.has(fromVersion))
      throw new Error(`event ${type} has two upcasters from version ${fromVersion}`);
    this.steps.set(type, steps.set(fromVersion, upcast));
    return this;
  }

  /** The newest version of a type; undefined when it has no upcasters and so any version is taken as it is. */
  newest(type: string): number | undefined {
    const steps = this.steps.get(type);
    return steps && Math.max(...steps.keys()) + 1;
  }

  /** Throws when events of this version cannot be read: a step is missing, or a newer program wrote them. */
  assertReadable(type: string, version: number): void {
    const newest = this.newest(type);
    if (newest === undefined) return;
    if (version > newest) {
      throw new Error(
        `the log has events ${type} of version ${version}, and this program knows versions up to ${newest}: ` +
          `a newer release has written them`,
      );
    }
    for (let at = version; at < newest; at++) {
      if (!this.steps.get(type)!.has(at)) {
        throw new Error(
          `the log has events ${type} of version ${version}, and no upcaster leads from version ${at} to ${at + 1}: ` +
            `register one with upcasters.register('${type}', ${at}, (data) => ...)`,
        );
      }
    }
  }

  /** Throws when an event about to be appended is not of its type's newest version. */
  assertNewest(type: string, version: number): void {
    const newest = this.newest(type);
    if (newest === undefined || newest === version) return;
    throw new Error(
      `event ${type} is appended as version ${version}, its newest is ${newest}: set schemaVersion: ${newest}`,
    );
  }

  /** The event in its newest version. Throws as `assertReadable` does. */
  apply(type: string, version: number, data: unknown): { schemaVersion: number; data: unknown } {
    const newest = this.newest(type);
    if (newest === undefined || newest === version) return { schemaVersion: version, data };
    this.assertReadable(type, version);
    const steps = this.steps.get(type)!;
    let lifted = data;
    for (let at = version; at < newest; at++) lifted = steps.get(at)!(lifted);
    return { schemaVersion: newest, data: lifted };
  }
}
