// The Docker executor.
export { DockerExecutor, type DockerExecutorOptions } from './docker-executor.js';
