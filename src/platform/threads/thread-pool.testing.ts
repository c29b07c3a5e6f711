// What the threads of the pool's tests do.
import { serveTasks } from './serve-tasks.js';

export type TestTask =
  | { do: 'echo'; text: string }
  | { do: 'ask'; texts: string[] }
  | { do: 'fail'; message: string }
  | { do: 'spin' | 'fill' | 'exit' };

serveTasks<TestTask, string, string, string>(async (task, ask) => {
  switch (task.do) {
    case 'echo':
      return task.text;
    case 'ask':
      return (await Promise.all(task.texts.map((text) => ask(text)))).join(' ');
    case 'fail':
      throw new Error(task.message);
    case 'spin':
      for (;;);
    case 'fill': {
      const kept: object[] = [];
      for (;;) kept.push({ n: kept.length, text: `${kept.length}` });
    }
    case 'exit':
      return process.exit(7);
  }
});
