// What a job's log says while an image is pulled: the engine's words, and now and then how far it is.

/** A log is not a terminal: instead of bars, one line so often, in ms. */
const EVERY_MS = 10_000;

interface Word {
  id?: string;
  status?: string;
  error?: string;
  progressDetail?: { current?: number; total?: number };
}

export class PullProgress {
  private readonly layers = new Map<string, { loaded: number; total: number; done: boolean }>();
  private lastSaid: number;

  /** @param now milliseconds of a clock that only goes forward */
  constructor(
    private readonly log: (text: string) => void,
    private readonly now: () => number,
  ) {
    this.lastSaid = now();
  }

  /** One line of the engine's report, a JSON object. Throws what the engine says went wrong. */
  read(line: string): void {
    if (line.trim() === '') return;
    const word = JSON.parse(line) as Word;
    if (word.error !== undefined) throw new Error(word.error);
    const { id, status, progressDetail } = word;
    if (!status) return;
    if (id !== undefined) this.count(id, status, progressDetail);
    if (/^(Downloading|Extracting|Waiting|Verifying)/.test(status)) {
      this.sayHowFar();
      return;
    }
    this.log(`${id === undefined ? '' : `${id}: `}${status}\n`);
  }

  private count(id: string, status: string, detail: Word['progressDetail']): void {
    const layer = this.layers.get(id) ?? { loaded: 0, total: 0, done: false };
    if (status === 'Downloading') {
      layer.loaded = detail?.current ?? layer.loaded;
      layer.total = Math.max(detail?.total ?? 0, layer.total);
    } else if (/^(Download complete|Verifying|Extracting)/.test(status)) {
      layer.loaded = layer.total;
    } else if (/^(Pull complete|Already exists)/.test(status)) {
      layer.loaded = layer.total;
      layer.done = true;
    } else if (!/^(Pulling fs layer|Waiting)/.test(status)) {
      return;
    }
    this.layers.set(id, layer);
  }

  private sayHowFar(): void {
    if (this.now() - this.lastSaid < EVERY_MS) return;
    this.lastSaid = this.now();
    const layers = [...this.layers.values()];
    const sum = (of: 'loaded' | 'total') => layers.reduce((bytes, layer) => bytes + layer[of], 0);
    const done = layers.filter((layer) => layer.done).length;
    // Layers whose turn has not come have told no size yet.
    this.log(
      `  ${done} of ${layers.length} layers, ${megabytes(sum('loaded'))} of ${megabytes(sum('total'))} MB\n`,
    );
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
}
