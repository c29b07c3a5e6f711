// Worker threads with limits.
export { NotDoneError, type AnswerQuestion, type Shortage, type ThreadLimits } from './limited-thread.js';
export { serveTasks, type Ask } from './serve-tasks.js';
export { ThreadPool, type RunOptions, type ThreadPoolOptions } from './thread-pool.js';
