// Takes files with output from the agent that the server itself has started: they lie in its own data directory, so that
// nothing has to be copied. Any agent may ask; only names of files of the built-in agent's spool, for the agent's own task,
// are looked at.
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import type { Settings } from '../../../config/settings.js';
import { InvalidInputError } from '../../platform/errors/errors.js';
import { SETTINGS } from '../../platform/tokens.js';
import { OutputStore } from './output-store.js';

@Injectable()
export class OutputHandover {
  private readonly spool: string;

  constructor(
    private readonly output: OutputStore,
    @Inject(SETTINGS) settings: Settings,
  ) {
    this.spool = join(settings.dataDirectory, 'agent', 'spool');
  }

  /**
   * Adds a file of the built-in agent's spool to a step's output.
   * @param name `agent-PID-UUID/TASK.STEP.N`
   * @returns the length of the output afterwards, in bytes
   * @throws InvalidInputError for any other name, and as OutputStore.appendFile()
   */
  append(taskId: string, step: number, offset: number, name: string): Promise<{ offset: number }> {
    const [, task, fileStep] =
      /^agent-\d{1,10}-[\da-f-]{36}\/([\da-f-]{36})\.(\d{1,7})\.\d{1,10}$/.exec(name) ?? [];
    if (task !== taskId.toLowerCase() || fileStep !== String(step))
      throw new InvalidInputError(
        'OUTPUT.FILE',
        `${JSON.stringify(name)} is not a file of this step's output`,
      );
    return this.output.appendFile(taskId, step, offset, join(this.spool, name));
  }
}
