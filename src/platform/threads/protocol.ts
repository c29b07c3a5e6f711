// What a pool and its threads say to each other.
export type ToThread<Task, Answer> =
  | { kind: 'task'; task: Task }
  | { kind: 'answer'; to: number; answer: Answer }
  | { kind: 'no-answer'; to: number; message: string };

export type FromThread<Result, Question> =
  /** Sent once, when the thread has loaded its program. */
  | { kind: 'ready' }
  | { kind: 'question'; number: number; question: Question }
  | { kind: 'result'; result: Result }
  | { kind: 'failure'; message: string };
