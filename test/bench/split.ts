// How long the agent takes for a large call of `circleci tests split`.
import { splitTests, type SplitRequest } from '../../src/execution/agent/in-job/split/split-tests.js';
import { itemsOf } from '../../src/execution/agent/in-job/split/items.js';
import { Timings } from '../../src/execution/agent/in-job/split/timings.js';

const TESTS = 100_000;
const NODES = 20;

/** Splits 100,000 names, from the text of the list to the text of one node's share; by times with the history read as well. */
export async function benchSplit(print: (name: string, text: string) => void): Promise<void> {
  const names = Array.from(
    { length: TESTS },
    (_, i) => `spec/models/part_${(i * 7919) % TESTS}/some_spec.rb`,
  );
  const list = names.join('\n');
  const tests = names.map((file, i) => ({ file, classname: file, name: `t${i}`, run_time: (i % 977) / 100 }));
  const history = JSON.stringify({ tests });
  const sources = {
    timings: () => Promise.resolve(Timings.parse(history)),
    sizes: () => Promise.resolve(new Map<string, number>()),
  };
  for (const by of ['name', 'timings'] as const) {
    const times: number[] = [];
    const before = process.cpuUsage();
    for (let i = 0; i < 5; i += 1) {
      const started = performance.now();
      const request: SplitRequest = {
        ...{ items: itemsOf(list), index: 3, total: NODES, by, timingsType: 'autodetect' },
        ...{ timeDefault: 0, showCounts: false },
      };
      const { share } = await splitTests(request, sources);
      if (share.join('\n').length === 0) throw new Error('the node got no test');
      times.push(performance.now() - started);
    }
    const { user, system } = process.cpuUsage(before);
    const median = times.sort((a, b) => a - b)[2]!;
    print(
      `splitting ${TESTS} tests by ${by} for ${NODES} nodes`,
      `median ${median.toFixed(0)} ms, most ${times.at(-1)!.toFixed(0)} ms (goal: under 1000 ms); ${((user + system) / 5000).toFixed(0)} ms of processor time each`,
    );
  }
}
