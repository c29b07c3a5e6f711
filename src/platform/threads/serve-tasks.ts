// The thread's side: does one task after another, and asks the main thread for what only that one has.
import { parentPort } from 'node:worker_threads';
import type { FromThread, ToThread } from './protocol.js';

/** Asks the main thread. Rejects with the message of the error there. The time until the answer is not the task's. */
export type Ask<Question, Answer> = (question: Question) => Promise<Answer>;

/**
 * Called once by the file that a pool starts its threads with, when everything is loaded. What `work` throws rejects the
 * task with its message.
 */
export function serveTasks<Task, Result, Question = never, Answer = never>(
  work: (task: Task, ask: Ask<Question, Answer>) => Promise<Result> | Result,
): void {
  const asked = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  let last = 0;
  const send = (message: FromThread<Result, Question>): void => parentPort?.postMessage(message);
  const ask: Ask<Question, Answer> = (question) =>
    new Promise((resolve, reject) => {
      last += 1;
      asked.set(last, { resolve, reject });
      send({ kind: 'question', number: last, question });
    });
  const run = async (task: Task): Promise<void> => {
    try {
      send({ kind: 'result', result: await work(task, ask) });
    } catch (error) {
      send({ kind: 'failure', message: error instanceof Error ? error.message : String(error) });
    }
  };
  parentPort?.on('message', (message: ToThread<Task, Answer>) => {
    if (message.kind === 'task') return void run(message.task);
    const waiting = asked.get(message.to);
    asked.delete(message.to);
    if (message.kind === 'answer') waiting?.resolve(message.answer);
    else waiting?.reject(new Error(message.message));
  });
  send({ kind: 'ready' });
}
