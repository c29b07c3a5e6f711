// An executor without processes: for tests of everything around it.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { messageOf } from '../../../../platform/errors/errors.js';
import { absolutePath } from '../../files/paths.js';
import {
  ExecutorError,
  type ExecutionEnvironment,
  type Executor,
  type PrepareRequest,
} from '../executor.port.js';
import { FAKE_HOME, FakeEnvironment } from './fake.environment.js';

export interface FakeExecutorOptions {
  /** Thrown by prepare() for these jobs: how an image that is not there looks. */
  refuse?: (request: PrepareRequest) => ExecutorError | undefined;
}

export class FakeExecutor implements Executor {
  readonly name = 'fake';
  private readonly environments = new Map<string, FakeEnvironment>();

  constructor(private readonly options: FakeExecutorOptions = {}) {}

  async available(): Promise<{ ok: true; detail: string }> {
    return { ok: true, detail: 'plays commands, runs nothing' };
  }

  async prepare(request: PrepareRequest): Promise<ExecutionEnvironment> {
    request.signal.throwIfAborted();
    const refusal = this.options.refuse?.(request);
    if (refusal) throw refusal;
    const written = request.definition.workingDirectory;
    const workingDirectory = absolutePath(written, FAKE_HOME, FAKE_HOME);
    const root = await mkdtemp(join(tmpdir(), 'rotunda-fake-'));
    try {
      if (workingDirectory.startsWith('/dev/')) throw new Error('not a directory');
      for (const path of ['/tmp', FAKE_HOME, workingDirectory])
        await mkdir(posix.join(root, path), { recursive: true });
    } catch (error) {
      await rm(root, { recursive: true, force: true });
      throw new ExecutorError(`cannot make the working directory ${written}: ${messageOf(error)}`, 'failed');
    }
    const environment = new FakeEnvironment(root, workingDirectory);
    this.environments.set(request.taskId, environment);
    request.log(`${environment.description}\n`);
    return environment;
  }

  async cleanUp(alive: ReadonlySet<string>): Promise<void> {
    for (const [taskId, environment] of this.environments) {
      if (alive.has(taskId)) continue;
      await environment.destroy();
      this.environments.delete(taskId);
    }
  }
}
