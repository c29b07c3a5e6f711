// `tests split` without its edges: from the items and what is known of them to the share of one node, and what to say.
import { assign, type Weighted } from './assign.js';
import { Timings, type TimingsType } from './timings.js';

export type SplitBy = 'name' | 'filesize' | 'timings';

export interface SplitRequest {
  items: readonly string[];
  /** From 0. */
  index: number;
  total: number;
  by: SplitBy;
  timingsType: TimingsType | 'autodetect';
  /** Seconds for an item without a time. */
  timeDefault: number;
  showCounts: boolean;
}

/** Where weights come from. */
export interface SplitSources {
  /** Content of results.json; undefined when there is none. */
  timings(): Promise<Timings | undefined>;
  /** Bytes of these files, by name; those that are not there are left out. */
  sizes(items: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

export interface Split {
  /** The tests of the node, in the order in which it got them. */
  share: string[];
  /** Lines for people. */
  messages: string[];
}

/** Splits. Missing data is no error: it is said, and the names decide (AGENT ). */
export async function splitTests(request: SplitRequest, sources: SplitSources): Promise<Split> {
  const messages: string[] = [];
  const weighted = await weigh(request, sources, messages);
  const share = assign(weighted, request.total)[request.index]!;
  if (request.showCounts) {
    messages.push(
      `Read ${request.items.length} test files or classes, ${share.length} of them for this node.`,
    );
  }
  return { share, messages };
}

async function weigh(request: SplitRequest, sources: SplitSources, messages: string[]): Promise<Weighted[]> {
  const { items, by } = request;
  if (by === 'filesize') {
    const sizes = await sources.sizes(items);
    for (const item of items) if (!sizes.has(item)) messages.push(`No file found for "${item}"`);
    return items.map((name) => ({ name, weight: sizes.get(name) ?? 0 }));
  }
  const times = by === 'timings' ? await timesFor(request, sources, messages) : undefined;
  if (times === undefined) return items.map((name) => ({ name, weight: 1 }));
  return items.map((name) => {
    const seconds = times.get(name);
    if (seconds === undefined) messages.push(`No timing found for "${name}"`);
    return { name, weight: seconds ?? request.timeDefault };
  });
}

/** Undefined when the names are to decide. */
async function timesFor(
  { items, timingsType }: SplitRequest,
  sources: SplitSources,
  messages: string[],
): Promise<ReadonlyMap<string, number> | undefined> {
  let timings: Timings | undefined;
  let problem = 'file does not exist';
  try {
    timings = await sources.timings();
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
  }
  if (timings === undefined) {
    messages.push(
      `Error reading historical timing data: ${problem}`,
      'Requested weighting by historical based timing, but they are not present. Falling back to weighting by name.',
    );
    return undefined;
  }
  const type = timingsType === 'autodetect' ? timings.detect(items) : timingsType;
  if (type !== undefined || items.length === 0) return timings.by(type ?? 'filename');
  messages.push(
    'Error autodetecting timing type, falling back to weighting by name. Autodetect no matching filename or classname.  If file names are used, double check paths for absolute vs relative.',
    `Example input file: "${items[0]}"`,
    `Example file from timings: "${timings.exampleFile ?? ''}"`,
  );
  return undefined;
}
