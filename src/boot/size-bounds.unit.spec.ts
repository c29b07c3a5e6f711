// The settings that bound the size of a config are the compiler's own limits.
import { describe, expect, it } from '@jest/globals';
import { readSettings } from '../../config/settings.js';
import { limitCases } from '../pipelines/config/limit-cases.testing.js';
import { defaultLimits } from '../pipelines/config/problems/limits.js';
import { sizeBounds } from './size-bounds.js';

describe('sizeBounds', () => {
  it('by default gives what the compiler has by itself', () => {
    const { limits } = sizeBounds(readSettings({}));
    expect(defaultLimits).toMatchObject(limits!);
    expect(Object.keys(limits!).sort()).toEqual(Object.keys(limitCases).sort());
  });

  it('names the variable of each', () => {
    const { limits, limitNames } = sizeBounds(readSettings({ ROTUNDA_COMPILE_MAX_VALUES: '7' }));
    expect(limits).toMatchObject({ evaluatedNodes: 7 });
    expect(limitNames).toMatchObject({ evaluatedNodes: 'ROTUNDA_COMPILE_MAX_VALUES' });
  });
});
