// Shows a pipeline while it runs: lines of output that scroll, and on a terminal a block of jobs below them.
import type { PipelineListener, WatchedJob, WatchedStep } from './pipeline-watch.js';
import { colourOf, duration, markOf, paintFor, shown, words, type Paint } from './text.js';

/** What this needs of process.stdout. */
export interface Screen {
  isTTY?: boolean;
  columns?: number;
  rows?: number;
  write(text: string): unknown;
}

const REDRAW_MS = 100;
/** What every job begins with says nothing new, unless it goes wrong. */
const SETUP_STEPS = new Set(['Spin up environment', 'Preparing environment variables']);
const KEPT_LINES = 200;

export class Display implements PipelineListener {
  readonly paint: Paint;
  private readonly live: boolean;
  private readonly colours: boolean;
  private readonly partial = new Map<string, string>();
  private readonly withheld = new Map<string, string[]>();
  private known: readonly WatchedJob[] = [];
  private drawn = 0;
  private pending = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly screen: Screen,
    environment: NodeJS.ProcessEnv = process.env,
  ) {
    this.live = screen.isTTY === true && environment['TERM'] !== 'dumb';
    this.colours = this.live && !environment['NO_COLOR'];
    this.paint = paintFor(this.colours);
    if (!this.live) return;
    this.timer = setInterval(() => this.flush(), REDRAW_MS);
    this.timer.unref();
  }

  line(text = ''): void {
    if (!this.live) return void this.screen.write(`${text}\n`);
    this.pending += `${text}\n`;
  }

  jobs(jobs: readonly WatchedJob[]): void {
    this.known = jobs;
  }

  jobChanged(job: WatchedJob): void {
    if (['blocked', 'queued', 'not_running'].includes(job.status)) return;
    const took = elapsed(job);
    const text = `${words(job.status)}${job.stoppedAt && took !== undefined ? ` in ${duration(took)}` : ''}`;
    this.line(`${this.prefix(job)} ${this.paint(colourOf(job.status), `${markOf(job.status)} ${text}`)}`);
  }

  stepEnded(step: WatchedStep): void {
    const key = keyOf(step);
    const rest = this.partial.get(key);
    this.partial.delete(key);
    if (rest) this.outputLine(step, rest);
    const withheld = this.withheld.get(key);
    this.withheld.delete(key);
    if (SETUP_STEPS.has(step.name)) {
      if (step.status === 'success') return;
      for (const line of withheld ?? []) this.line(line);
    }
    const took = step.duration === undefined ? '' : ` in ${duration(step.duration)}`;
    const code = step.exitCode ? `, exit code ${step.exitCode}` : '';
    const status = `${markOf(step.status)} ${words(step.status)}${took}${code}`;
    this.line(
      `${this.prefix(step.job, step.node)} ${step.name} ${this.paint(step.status === 'success' ? 'grey' : colourOf(step.status), status)}`,
    );
  }

  output(step: WatchedStep, text: string): void {
    const key = keyOf(step);
    const lines = ((this.partial.get(key) ?? '') + text).split('\n');
    this.partial.set(key, lines.pop() ?? '');
    for (const line of lines) this.outputLine(step, line);
  }

  message(job: WatchedJob, text: string): void {
    this.line(`${this.prefix(job)} ${this.paint('yellow', text)}`);
  }

  /** Takes the block off the screen; lines may be written after it. May be called more than once. */
  close(): void {
    clearInterval(this.timer);
    this.known = [];
    this.flush();
  }

  /** Writes what is waiting now. */
  flush(): void {
    if (!this.live) return;
    const block = this.block();
    if (this.pending === '' && this.drawn === 0 && block.length === 0) return;
    const up = this.drawn > 0 ? `\u001b[${this.drawn}A\r\u001b[J` : '';
    this.screen.write(up + this.pending + block.map((line) => `${line}\n`).join(''));
    this.pending = '';
    this.drawn = block.length;
  }

  private outputLine(step: WatchedStep, line: string): void {
    const name = this.paint('grey', `${step.name} >`);
    const text = `${this.prefix(step.job, step.node)} ${name} ${shown(line, this.colours)}`.trimEnd();
    if (!SETUP_STEPS.has(step.name)) return this.line(text);
    const kept = this.withheld.get(keyOf(step)) ?? [];
    this.withheld.set(keyOf(step), [...kept, text].slice(-KEPT_LINES));
  }

  private prefix(job: WatchedJob, node?: number): string {
    return this.paint('bold', `[${job.name}${node === undefined ? '' : ` ${node}`}]`);
  }

  private block(): string[] {
    if (this.known.length === 0) return [];
    const width = Math.max(20, (this.screen.columns ?? 80) - 1);
    const height = Math.max(3, Math.floor((this.screen.rows ?? 24) / 2));
    const names = Math.min(40, Math.max(...this.known.map(({ name }) => name.length)));
    // What runs is worth seeing most, then what has failed; the order stays that of the config.
    const rank = (job: WatchedJob): number =>
      job.status === 'running' ? 0 : colourOf(job.status) === 'red' ? 1 : job.stoppedAt ? 3 : 2;
    const chosen = new Set([...this.known].sort((a, b) => rank(a) - rank(b)).slice(0, height));
    const lines = this.known
      .filter((job) => chosen.has(job))
      .map((job) => {
        const took = elapsed(job);
        const time = took === undefined ? '' : duration(took);
        const step = job.status === 'running' && job.step ? `  ${job.step}` : '';
        const text = ` ${markOf(job.status)} ${job.name.padEnd(names)}  ${words(job.status).padEnd(9)} ${time.padStart(8)}${step}`;
        return this.paint(colourOf(job.status), text.slice(0, width));
      });
    const more = this.known.length - chosen.size;
    return ['', ...lines, ...(more > 0 ? [`   and ${more} more`] : [])];
  }
}

/** Milliseconds that a job has run, so far or in all; undefined before it has started. */
export function elapsed(job: WatchedJob): number | undefined {
  if (!job.startedAt) return undefined;
  return (job.stoppedAt ? Date.parse(job.stoppedAt) : Date.now()) - Date.parse(job.startedAt);
}

function keyOf(step: WatchedStep): string {
  return `${step.job.id}/${step.node ?? 0}/${step.name}`;
}
