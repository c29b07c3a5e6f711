// One worker thread with its limits: does a task to its end, or is ended when the task takes too long or too much.
import { Worker } from 'node:worker_threads';
import { messageOf } from '../errors/errors.js';
import type { FromThread, ToThread } from './protocol.js';

export interface ThreadLimits {
  /** How long a task may compute; neither the start of the thread nor waiting for answers counts. */
  milliseconds: number;
  memoryMegabytes: number;
}

/** Why a task came to nothing though it did not fail by itself. */
export type Shortage = 'time' | 'memory' | 'start' | 'ended' | 'waiting' | 'closed';

/** A task was not done. `shortage` says of what there was not enough; the message is for those who know no better. */
export class NotDoneError extends Error {
  override readonly name = 'NotDoneError';
  constructor(
    readonly shortage: Shortage,
    message: string,
  ) {
    super(message);
  }
}

/** Answers what a task asks of the main thread; it sees to its own limits. */
export type AnswerQuestion<Question, Answer> = (question: Question) => Promise<Answer>;

/** Loading a program takes a fraction of a second; a thread that takes this long never starts. */
const START_MILLISECONDS = 60_000;

export class LimitedThread<Task, Result, Question, Answer> {
  private readonly worker: Worker;
  private settle?: { resolve(result: Result): void; reject(error: Error): void };
  private answerQuestion: AnswerQuestion<Question, Answer> | undefined;
  private timer?: NodeJS.Timeout;
  private isReady = false;
  private startedAt = 0;
  private left = 0;
  private unanswered = 0;
  dead = false;

  constructor(
    url: URL,
    private readonly limits: ThreadLimits,
    data?: unknown,
  ) {
    this.worker = new Worker(url, {
      // What the parent was started with (loaders, inspectors, test runners) is not for this thread.
      execArgv: [],
      env: {},
      workerData: data,
      resourceLimits: {
        maxOldGenerationSizeMb: limits.memoryMegabytes,
        maxYoungGenerationSizeMb: 32,
        stackSizeMb: 4,
      },
    });
    // An idle thread does not keep the process alive.
    this.worker.unref();
    this.worker.on('message', (message: FromThread<Result, Question>) => this.receive(message));
    this.worker.on('error', (error: Error & { code?: string }) => this.die(this.reasonOf(error)));
    this.worker.on('exit', () => this.die(new NotDoneError('ended', 'the worker ended')));
  }

  /** One task at a time. Rejects with NotDoneError, with what the task threw, or with the reason of an aborted signal. */
  run(
    task: Task,
    answer: AnswerQuestion<Question, Answer> | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Result> {
    this.answerQuestion = answer;
    this.left = this.limits.milliseconds;
    this.worker.ref();
    const onAbort = (): void => void this.stop(signal!.reason as Error);
    return new Promise<Result>((resolve, reject) => {
      this.settle = { resolve, reject };
      signal?.addEventListener('abort', onAbort);
      if (this.dead) return this.die(new NotDoneError('ended', 'the worker ended'));
      this.send({ kind: 'task', task });
      if (this.isReady) this.resume();
      else this.awaitStart();
    }).finally(() => {
      clearTimeout(this.timer);
      signal?.removeEventListener('abort', onAbort);
      this.worker.unref();
    });
  }

  /** Ends the thread; a task that runs is not done. */
  async end(): Promise<void> {
    this.die(new NotDoneError('closed', 'the pool was closed'));
    await this.worker.terminate();
  }

  private send(message: ToThread<Task, Answer>): void {
    this.worker.postMessage(message);
  }

  private receive(message: FromThread<Result, Question>): void {
    switch (message.kind) {
      case 'ready':
        this.isReady = true;
        clearTimeout(this.timer);
        if (this.settle) this.resume();
        break;
      case 'result':
        this.settled()?.resolve(message.result);
        break;
      case 'failure':
        this.settled()?.reject(new Error(message.message));
        break;
      case 'question':
        void this.answer(message.number, message.question);
    }
  }

  private settled(): typeof this.settle {
    const { settle } = this;
    this.settle = undefined;
    return settle;
  }

  private async answer(number: number, question: Question): Promise<void> {
    const task = this.settle;
    if (this.unanswered === 0) this.pause();
    this.unanswered += 1;
    try {
      if (!this.answerQuestion) throw new Error('nobody answers questions of this task');
      this.send({ kind: 'answer', to: number, answer: await this.answerQuestion(question) });
    } catch (error) {
      this.send({ kind: 'no-answer', to: number, message: messageOf(error) });
    } finally {
      this.unanswered -= 1;
      if (this.unanswered === 0 && this.settle && this.settle === task) this.resume();
    }
  }

  private awaitStart(): void {
    const message = `the worker did not start within ${START_MILLISECONDS / 1000} s`;
    this.timer = setTimeout(() => void this.stop(new NotDoneError('start', message)), START_MILLISECONDS);
  }

  private pause(): void {
    clearTimeout(this.timer);
    this.left -= performance.now() - this.startedAt;
  }

  private resume(): void {
    this.startedAt = performance.now();
    const message = `it took longer than ${this.limits.milliseconds / 1000} s`;
    this.timer = setTimeout(() => void this.stop(new NotDoneError('time', message)), Math.max(1, this.left));
  }

  private async stop(reason: Error): Promise<void> {
    this.die(reason);
    await this.worker.terminate();
  }

  private die(reason: Error): void {
    this.dead = true;
    this.settled()?.reject(reason);
  }

  private reasonOf(error: Error & { code?: string }): NotDoneError {
    return error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      ? new NotDoneError('memory', `it needs more than ${this.limits.memoryMegabytes} MB of memory`)
      : new NotDoneError('ended', error.message);
  }
}
