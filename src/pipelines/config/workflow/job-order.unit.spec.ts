import { describe, expect, test } from '@jest/globals';
import { printedOrder } from './job-order.js';

describe('order of printed jobs', () => {
  test('up to eight stand as they are used', () => {
    const names = ['h', 'g', 'f', 'e', 'd', 'c', 'b', 'a'];
    expect(printedOrder(names)).toEqual(names);
  });

  test('more stand as a hash map lists them', () => {
    const used = ['lint', 'test', 'build', 'deploy', 'e2e', 'docs', 'audit', 'release', 'notify'];
    const expected = ['release', 'deploy', 'lint', 'build', 'audit', 'e2e', 'notify', 'docs', 'test'];
    // Not worked out by hand: the order of a build that gave all recorded outputs with more than eight jobs.
    expect(printedOrder(used)).toEqual(expected);
    expect(printedOrder([...used].reverse())).toEqual(expected);
  });
});
