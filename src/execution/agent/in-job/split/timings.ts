// The history of earlier runs, as it stands in results.json (AGENT ).

export const TIMINGS_TYPES = ['filename', 'classname', 'testname'] as const;
export type TimingsType = (typeof TIMINGS_TYPES)[number];

const FIELD_OF = { filename: 'file', classname: 'classname', testname: 'name' } as const;

interface HistoryEntry {
  file?: unknown;
  classname?: unknown;
  name?: unknown;
  run_time?: unknown;
}

/** Seconds that tests took: the sums over all entries whose field is the key. */
export class Timings {
  private readonly sums = new Map<TimingsType, Map<string, number>>();

  private constructor(private readonly entries: readonly HistoryEntry[]) {}

  /** @throws SyntaxError when the text is not JSON of the form `{"tests": [...]}` */
  static parse(text: string): Timings {
    const history = JSON.parse(text) as { tests?: unknown } | null;
    if (!Array.isArray(history?.tests)) throw new SyntaxError('it has no list "tests"');
    return new Timings(history.tests.filter((entry) => typeof entry === 'object' && entry !== null));
  }

  /** Seconds by the name of the file, class or test; entries without the field are left out. */
  by(type: TimingsType): ReadonlyMap<string, number> {
    const known = this.sums.get(type);
    if (known !== undefined) return known;
    const sums = new Map<string, number>();
    const field = FIELD_OF[type];
    for (const entry of this.entries) {
      const key = entry[field];
      if (typeof key !== 'string' || key === '') continue;
      const seconds = typeof entry.run_time === 'number' && entry.run_time > 0 ? entry.run_time : 0;
      sums.set(key, (sums.get(key) ?? 0) + seconds);
    }
    this.sums.set(type, sums);
    return sums;
  }

  /** Files or classes, whichever of them the items are; files when both. Undefined when no item is either. */
  detect(items: readonly string[]): TimingsType | undefined {
    return (['filename', 'classname'] as const).find((type) => {
      const known = this.by(type);
      return items.some((item) => known.has(item));
    });
  }

  /** Some file that there is a time for. */
  get exampleFile(): string | undefined {
    return this.by('filename').keys().next().value;
  }
}
