export { Agent, type AgentOptions } from './agent.js';
export type { Logger as AgentLogger } from './server/retry.js';
export { FakeExecutor, type FakeExecutorOptions } from './executors/fake/fake.executor.js';
export { HostExecutor, type HostExecutorOptions } from './executors/host/host.executor.js';
export {
  ExecutorError,
  type CommandSpec,
  type ExecutionEnvironment,
  type Executor,
  type FileStat,
  type PrepareRequest,
  type RunningCommand,
} from './executors/executor.port.js';
