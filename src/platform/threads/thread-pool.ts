// Work that computes long, or on hostile input, in worker threads with limits on time and memory: what exceeds them ends
// its own thread and nothing else (DESIGN D7, D8).
//
// Not the pool of a library: in piscina 5.3, tasks that wait behind one whose thread had to be ended are not started
// again unless a thread is always kept, and those that can be aborted are not counted by the limit of its queue.
import { LimitedThread, NotDoneError, type AnswerQuestion, type ThreadLimits } from './limited-thread.js';

export interface ThreadPoolOptions extends ThreadLimits {
  /** The built file that calls `serveTasks`. */
  url: URL;
  /** What every thread finds as `workerData`. */
  data?: unknown;
  /** Threads at most. */
  threads: number;
  /** How long a thread is kept without work, in milliseconds; 30,000 by default. */
  idleMilliseconds?: number;
  /** Tasks that may wait for a thread; 1,000 by default, the next is refused. */
  waiting?: number;
}

export interface RunOptions<Question, Answer> {
  /** Answers what the task asks; without it questions are errors. */
  answer?: AnswerQuestion<Question, Answer>;
  /** Aborting it ends the task with the signal's reason, and the thread with it. */
  signal?: AbortSignal;
}

interface Waiting {
  begin(): Promise<void>;
  refuse(error: Error): void;
}

/** Threads start with the first task and end when idle: a server that has no such work has none of their memory. */
export class ThreadPool<Task, Result, Question = never, Answer = never> {
  private readonly queue: Waiting[] = [];
  private readonly busy = new Set<LimitedThread<Task, Result, Question, Answer>>();
  private readonly idle = new Map<LimitedThread<Task, Result, Question, Answer>, NodeJS.Timeout>();
  private closed = false;

  constructor(private readonly options: ThreadPoolOptions) {}

  /** Rejects with NotDoneError when a limit ends the task, else with what it threw. */
  run(task: Task, { answer, signal }: RunOptions<Question, Answer> = {}): Promise<Result> {
    const { waiting = 1_000 } = this.options;
    return new Promise<Result>((resolve, reject) => {
      if (this.closed) throw new NotDoneError('closed', 'the pool is closed');
      if (this.queue.length >= waiting)
        throw new NotDoneError('waiting', `more than ${waiting} are waiting; try again later`);
      const begin = async (): Promise<void> => {
        if (signal?.aborted) {
          reject(signal.reason as Error);
          return this.next();
        }
        const thread = this.take();
        this.busy.add(thread);
        await thread.run(task, answer, signal).then(resolve, reject);
        this.busy.delete(thread);
        if (!thread.dead && !this.closed) this.rest(thread);
        this.next();
      };
      this.queue.push({ begin, refuse: reject });
      this.next();
    });
  }

  /** Starts a thread ahead of work that is about to come, so that it need not wait for the start. */
  warm(): void {
    if (!this.closed && this.size === 0) this.rest(this.start());
  }

  /** Threads that exist now. */
  get size(): number {
    return this.busy.size + this.idle.size;
  }

  /** Ends all threads; tasks that run or wait are not done. */
  async close(): Promise<void> {
    this.closed = true;
    for (const { refuse } of this.queue.splice(0)) refuse(new NotDoneError('closed', 'the pool was closed'));
    for (const timer of this.idle.values()) clearTimeout(timer);
    const threads = [...this.busy, ...this.idle.keys()];
    this.busy.clear();
    this.idle.clear();
    await Promise.all(threads.map((thread) => thread.end()));
  }

  private next(): void {
    if (this.closed || this.busy.size >= this.options.threads) return;
    void this.queue.shift()?.begin();
  }

  private take(): LimitedThread<Task, Result, Question, Answer> {
    for (const [thread, timer] of this.idle) {
      clearTimeout(timer);
      this.idle.delete(thread);
      if (!thread.dead) return thread;
    }
    return this.start();
  }

  private start(): LimitedThread<Task, Result, Question, Answer> {
    return new LimitedThread(this.options.url, this.options, this.options.data);
  }

  private rest(thread: LimitedThread<Task, Result, Question, Answer>): void {
    const timer = setTimeout(() => {
      this.idle.delete(thread);
      void thread.end();
    }, this.options.idleMilliseconds ?? 30_000);
    timer.unref();
    this.idle.set(thread, timer);
  }
}
