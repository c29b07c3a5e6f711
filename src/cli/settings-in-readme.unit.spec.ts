import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { withSettingsTable } from './settings-in-readme.js';

describe('the settings table of the README', () => {
  it('is the one that the schema makes (npm run rotunda -- admin settings --write README.md)', async () => {
    const readme = await readFile('README.md', 'utf8');
    expect(withSettingsTable(readme)).toBe(readme);
  });

  it('needs its marks', () => {
    expect(() => withSettingsTable('# Nothing here')).toThrow('lacks the marks');
  });
});
