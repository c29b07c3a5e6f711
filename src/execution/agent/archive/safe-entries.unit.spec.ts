// What an archive may hold, and what it may not.
import { describe, expect, it } from '@jest/globals';
import { safeEntries } from './safe-entries.js';

const entry = (name: string, type = '0', linkname = '') => ({ name, type, size: 0, linkname });

describe('entries that may be unpacked', () => {
  it('are files, directories and links, wherever symbolic ones lead', () => {
    const judge = safeEntries(() => undefined);
    for (const each of [
      entry('a'),
      entry('./b/c'),
      entry('..a/b..'),
      entry('d/', '5'),
      entry('~/x'),
      entry('hard', '1', 'd/x'),
      entry('out', '2', '/etc/passwd'),
      entry('up', '2', '../../x'),
      entry('d/in', '2', '../a'),
      entry('d/in/x'),
      entry('outer/x'),
    ]) {
      expect(judge(each)).toBe('keep');
    }
  });

  it.each([
    ['/etc/passwd', '0', ''],
    ['../x', '0', ''],
    ['a/../../x', '0', ''],
    ['a/..', '5', ''],
    ['', '0', ''],
    ['x', '1', '/etc/passwd'],
    ['x', '1', '../x'],
    ['x', 'S', ''],
    ['x', 'V', ''],
  ])('%s of type %s to "%s" is refused', (name, type, linkname) => {
    expect(() => safeEntries(() => undefined)(entry(name, type, linkname))).toThrow(
      'the archive is not unpacked',
    );
  });

  it.each(['/etc', '..', '../other', 'a/../../..'])('nothing lies behind a link to %s', (target) => {
    const judge = safeEntries(() => undefined);
    judge(entry('out', '2', target));
    expect(() => judge(entry('out/x'))).toThrow('lies behind a link that leads out of the archive');
    expect(() => judge(entry('./out/d/x'))).toThrow('lies behind a link');
  });

  it('a link that was replaced is none', () => {
    const judge = safeEntries(() => undefined);
    judge(entry('out', '2', '/etc'));
    judge(entry('out/', '5'));
    expect(judge(entry('out/x'))).toBe('keep');
  });

  it('devices and pipes are left out, and told of', () => {
    const skipped: string[] = [];
    const judge = safeEntries((name) => skipped.push(name));
    expect(['3', '4', '6'].map((type) => judge(entry(`dev${type}`, type)))).toEqual(['drop', 'drop', 'drop']);
    expect(skipped).toEqual(['dev3', 'dev4', 'dev6']);
  });
});
