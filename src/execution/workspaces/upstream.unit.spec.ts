// Jobs before a job, and jobs in no order.
import { describe, expect, it } from '@jest/globals';
import { concurrency, upstreamInOrder, type GraphJob } from './upstream.js';

/** `a <- b c`: a requires b and c. In the order of the config. */
function graph(...lines: string[]): GraphJob[] {
  return lines.map((line, ordinal) => {
    const [name, requires = ''] = line.split(' <- ');
    const all = requires.split(' ').filter(Boolean);
    return { id: `id-${name}`, name: name!, requires: all.map((job) => ({ job })), ordinal };
  });
}

const jobs = graph('deploy <- test lint', 'lint', 'test <- build', 'build', 'docs <- build', 'other');

describe('jobs upstream', () => {
  it('come after those that they require, else in the order of the config', () => {
    expect(upstreamInOrder(jobs, 'deploy')).toEqual(['id-lint', 'id-build', 'id-test']);
    expect(upstreamInOrder(jobs, 'test')).toEqual(['id-build']);
    expect(upstreamInOrder(jobs, 'other')).toEqual([]);
    expect(upstreamInOrder(jobs, 'unknown')).toEqual([]);
  });

  it('are all of a long chain, once', () => {
    const chain = graph(...Array.from({ length: 300 }, (_, i) => (i === 0 ? 'j0' : `j${i} <- j${i - 1}`)));
    expect(upstreamInOrder(chain, 'j299')).toHaveLength(299);
  });
});

describe('jobs are concurrent', () => {
  const concurrent = concurrency(jobs);
  it.each([
    ['lint', 'build', true],
    ['lint', 'test', true],
    ['docs', 'test', true],
    ['test', 'build', false],
    ['build', 'deploy', false],
    ['deploy', 'docs', true],
    ['deploy', 'gone', false],
  ])('%s and %s: %s', (one, other, expected) => {
    expect(concurrent(`id-${one}`, `id-${other}`)).toBe(expected);
    expect(concurrent(`id-${other}`, `id-${one}`)).toBe(expected);
  });
});
