// Reads test reports in a thread of its own, with limits: a report is what a job made, and may be large, slow or hostile.
import type { Readable } from 'node:stream';
import { Injectable, Optional, type OnApplicationShutdown } from '@nestjs/common';
import { InvalidInputError } from '../../platform/errors/errors.js';
import { NotDoneError, ThreadPool } from '../../platform/threads/index.js';
import type { ReportAnswer, ReportOutcome, ReportQuestion } from './report.protocol.js';
import type { TestResultFacts } from './test-results.events.js';

export interface ResultPiece {
  /** Index of the first of the results in the report. */
  first: number;
  last: boolean;
  results: TestResultFacts[];
}

/**
 * 256 MiB of small test cases are minutes of processor time, and more minutes on a machine that is busy with jobs: the
 * limit on time is for what would never end. `url`: the built thread file, for tests that run the sources.
 */
export class ReportLimits {
  milliseconds = 900_000;
  memoryMegabytes = 64;
  url = new URL('./report.thread.js', import.meta.url);
}

@Injectable()
export class ReportReader implements OnApplicationShutdown {
  private readonly pool: ThreadPool<null, ReportOutcome, ReportQuestion, ReportAnswer>;
  private readonly limits: ReportLimits;

  constructor(@Optional() limits?: ReportLimits) {
    this.limits = limits ?? new ReportLimits();
    this.pool = new ThreadPool({ ...this.limits, threads: 1 });
  }

  /**
   * Gives the results of a report to `take`, piece by piece, when all of it has turned out to be good. `open` is called
   * again for a report that is too large to be kept. InvalidInputError for what is no report, or exceeds a limit, which
   * its message names; what `open` and `take` throw comes out as an error with the same message.
   */
  async read(
    open: () => Promise<Readable>,
    take: (piece: ResultPiece) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<void> {
    let source: AsyncIterator<Uint8Array> | undefined;
    const answer = async (question: ReportQuestion): Promise<ReportAnswer> => {
      switch (question.want) {
        case 'bytes': {
          source ??= (await open())[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
          const next = await source.next();
          return next.done ? undefined : next.value;
        }
        case 'again':
          source = undefined;
          return undefined;
        case 'take':
          await take(question);
          return undefined;
      }
    };
    try {
      const { unreadable } = await this.pool.run(null, { answer, signal });
      if (unreadable !== undefined) throw new InvalidInputError('TEST_RESULTS.UNREADABLE', unreadable);
    } catch (error) {
      throw this.explained(error);
    } finally {
      await source?.return?.();
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.close();
  }

  private explained(error: unknown): unknown {
    if (!(error instanceof NotDoneError)) return error;
    const { milliseconds, memoryMegabytes } = this.limits;
    switch (error.shortage) {
      case 'time':
        return new InvalidInputError(
          'TEST_RESULTS.TOO_SLOW',
          `Reading the test report took longer than ${milliseconds / 1000} s.`,
        );
      case 'memory':
        return new InvalidInputError(
          'TEST_RESULTS.TOO_COMPLEX',
          `Reading the test report needs more than ${memoryMegabytes} MB of memory.`,
        );
      default:
        return error;
    }
  }
}
