import { describe, expect, test } from '@jest/globals';
import { didYouMean } from './suggest.js';

describe('didYouMean', () => {
  test.each([
    ['stpes', ['docker', 'steps'], 'steps'],
    ['chekcout', ['checkout', 'run'], 'checkout'],
    ['paralelism', ['parallelism'], 'parallelism'],
    ['imag', ['image', 'name'], 'image'],
    ['Docker', ['docker'], 'docker'],
    ['my-ec', ['my-exec', 'my-ac'], 'my-ac'],
  ])('%s of %j', (name, candidates, expected) => {
    expect(didYouMean(name, candidates)).toBe(`Did you mean "${expected}" instead of "${name}"?`);
  });

  test.each([
    ['at', ['ab']],
    ['timeout', ['command', 'name']],
    ['steps', []],
  ])('%s is like none of %j', (name, candidates) => {
    expect(didYouMean(name, candidates)).toBeUndefined();
  });
});
