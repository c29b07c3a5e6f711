// Where the weights of tests come from, in a job.
import { posix } from 'node:path';
import type { ExecutionEnvironment } from '../../executors/executor.port.js';
import { MOST_CALL_BYTES, type Call } from '../call.js';
import { FILE_SIZES, scriptOutput } from '../script.js';
import type { SplitSources } from '../split/split-tests.js';
import { Timings } from '../split/timings.js';

/** @param timingsFile absolute, or relative to where the call was made */
export function sourcesOf(environment: ExecutionEnvironment, call: Call, timingsFile: string): SplitSources {
  return {
    async timings() {
      const path = posix.resolve(call.cwd, timingsFile);
      const found = await environment.stat(path);
      if (found?.kind !== 'file') return undefined;
      if (found.size > MOST_CALL_BYTES) throw new Error('file is too large');
      const chunks: Buffer[] = [];
      for await (const chunk of await environment.readFile(path))
        chunks.push(Buffer.from(chunk as Uint8Array));
      return Timings.parse(Buffer.concat(chunks).toString());
    },
    async sizes(items) {
      if (items.length === 0) return new Map();
      const names = { path: 'names', mode: 0o644, content: items.map((item) => `${item}\0`).join('') };
      await environment.make(call.directory, [names]);
      const output = await scriptOutput(environment, FILE_SIZES, [`${call.directory}/names`], call.cwd);
      const lines = output.split('\n').map((line) => /^(\d+) (.*)$/s.exec(line));
      return new Map(lines.flatMap((line) => (line ? [[line[2]!, Number(line[1])] as const] : [])));
    },
  };
}
