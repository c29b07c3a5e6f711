// What the commands of the in-job command work with.
import type { FailedTests } from '../../../protocol/index.js';
import type { ExecutionEnvironment } from '../../executors/executor.port.js';
import type { Call } from '../call.js';

export interface CommandContext {
  call: Call;
  environment: ExecutionEnvironment;
  /** Undefined unless this job is to run only failed tests again, and some of them are known. */
  failedTests(): Promise<FailedTests | undefined>;
  now(): Date;
}
