// Takes the calls of a job's commands and sees to it that each is answered.
import { posix } from 'node:path';
import { messageOf } from '../../../platform/errors/errors.js';
import type { ExecutionEnvironment, NewEntry } from '../executors/executor.port.js';
import { callOf, MOST_CALL_BYTES, type Answer, type Call } from './call.js';

/** A job may make many calls at once; more than this wait for their turn. */
const AT_A_TIME = 4;
/** As the front names calls. */
const NAME = /^\d+-\d+$/;

export class CallDesk {
  private readonly waiting: string[] = [];
  private working = 0;

  /**
   * @param directory where calls come in; it exists
   * @param answer does what a call asks for; what it throws is told to the user
   */
  constructor(
    private readonly environment: ExecutionEnvironment,
    private readonly directory: string,
    private readonly answer: (call: Call) => Promise<Answer>,
  ) {}

  /** Takes calls from now on. */
  open(): void {
    this.environment.hear(this.directory, (name) => {
      if (!NAME.test(name)) return;
      this.waiting.push(name);
      this.next();
    });
  }

  private next(): void {
    if (this.working >= AT_A_TIME) return;
    const name = this.waiting.shift();
    if (name === undefined) return;
    this.working++;
    void this.serve(posix.join(this.directory, name)).finally(() => {
      this.working--;
      this.next();
    });
  }

  private async serve(directory: string): Promise<void> {
    let answer: Answer;
    try {
      answer = await this.answer(
        callOf(directory, await this.environment.readFiles(directory, MOST_CALL_BYTES)),
      );
    } catch (error) {
      answer = { code: 1, err: `Error: ${messageOf(error)}\n` };
    }
    // Whoever called may be gone, or the whole environment.
    await this.environment.make(directory, entriesOf(answer)).catch(() => undefined);
  }
}

/** The code comes last: with it the front knows that all is there. */
function entriesOf({ code, out = '', err = '', command }: Answer): NewEntry[] {
  const files: [string, string | Buffer][] = [
    ['out', out],
    ['err', err],
    ...(command
      ? ([
          ['items', command.input],
          ['command', command.line],
        ] as [string, string][])
      : []),
    ['code', `${code}\n`],
  ];
  return files.map(([path, content]) => ({ path, mode: 0o644, content }));
}
