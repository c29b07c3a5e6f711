// The page of keys is made from the schema, so every key of it stands there.
import { expect, test } from '@jest/globals';
import { configReference } from './check.js';

const page = configReference();

test.each([
  '| `run` |  | string or map | Run a command in a new shell. |',
  '| `command` | yes | string | The script that the shell runs. |',
  '| `parallelism` |  | integer | On how many machines all steps run at once. |',
  '## `workflows.NAME.jobs.NAME`',
  '## `jobs.NAME.docker`',
  '## `job-groups.NAME`',
])('has %s', (line) => {
  expect(page.split('\n').some((text) => text.startsWith(line))).toBe(true);
});

test('describes a map once, and ends', () => {
  const titles = page.split('\n').filter((line) => line.startsWith('## '));
  expect(new Set(titles).size).toBeGreaterThan(25);
  expect(titles.filter((title) => title.endsWith('.docker`'))).toEqual(['## `jobs.NAME.docker`']);
});
