import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PatternError, readPattern } from './pattern.js';
import { listingFor, select } from './select.js';

/** The matches among these paths of the current directory; the directories above a path are there as well. */
function glob(pattern: string, paths: string[]): string[] {
  const all = paths.flatMap((path) => path.split('/').map((_, i, parts) => parts.slice(0, i + 1).join('/')));
  return readPattern(pattern).flatMap((each) => {
    const root = listingFor(each)?.root ?? '';
    const prefix = root === '' ? '' : `${root}/`;
    const below = all.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
    return select(each, below);
  });
}

const TREE = [
  'a.rb',
  'b.rb',
  'c.py',
  '.hidden.rb',
  'spec/x_spec.rb',
  'spec/models/user_spec.rb',
  'spec/models/deep/er/last_spec.rb',
  'spec/models/user.txt',
  'spec/zebra_spec.rb',
  'empty/.keep',
  'we{i}rd/[x].rb',
];

describe('glob', () => {
  it.each([
    ['*.rb', ['.hidden.rb', 'a.rb', 'b.rb']],
    ['?.rb', ['a.rb', 'b.rb']],
    ['[ab].rb', ['a.rb', 'b.rb']],
    ['[a-b].rb', ['a.rb', 'b.rb']],
    ['[^a].*', ['b.rb', 'c.py']],
    ['{a,c}.{rb,py}', ['a.rb', 'c.py']],
    ['{a,{b,c}}.*', ['a.rb', 'b.rb', 'c.py']],
    ['{,.hidden}*.py', ['c.py']],
    ['c*', ['c.py']],
    ['nothing*', []],
    ['a.rb', ['a.rb']],
    ['./a.rb', ['a.rb']],
    ['none.rb', []],
    ['./spec/*.rb', ['spec/x_spec.rb', 'spec/zebra_spec.rb']],
    ['spec//*.rb', ['spec/x_spec.rb', 'spec/zebra_spec.rb']],
    ['spec/*/user*', ['spec/models/user.txt', 'spec/models/user_spec.rb']],
    ['spec/*/deep', ['spec/models/deep']],
    ['*/models', ['spec/models']],
    ['we\\{i}rd/\\[*', ['we{i}rd/[x].rb']],
    ['a.rb/*', []],
  ])('selects by name: %s', (pattern, expected) => {
    expect(glob(pattern, TREE)).toEqual(expected);
  });

  it('goes to any depth with **, into directories first, none included', () => {
    const specs = [
      'spec/models/deep/er/last_spec.rb',
      'spec/models/user_spec.rb',
      'spec/x_spec.rb',
      'spec/zebra_spec.rb',
    ];
    expect(glob('spec/**/*_spec.rb', TREE)).toEqual(specs);
    expect(glob('**/*_spec.rb', TREE)).toEqual(specs);
    expect(glob('./**/**/*_spec.rb', TREE)).toEqual(specs);
    expect(glob('**/er/*', TREE)).toEqual(['spec/models/deep/er/last_spec.rb']);
  });

  it('gives directories as well as files where the pattern allows it', () => {
    expect(glob('spec/**', TREE)).toEqual([
      'spec/models',
      'spec/models/deep',
      'spec/models/deep/er',
      'spec/models/deep/er/last_spec.rb',
      'spec/models/user.txt',
      'spec/models/user_spec.rb',
      'spec/x_spec.rb',
      'spec/zebra_spec.rb',
    ]);
    expect(glob('spec/*', TREE)).toContain('spec/models');
  });

  it('takes a ** within a name for a *', () => {
    expect(glob('spec/x**.rb', TREE)).toEqual(['spec/x_spec.rb']);
    expect(glob('spec/**.rb', TREE)).toEqual(['spec/x_spec.rb', 'spec/zebra_spec.rb']);
  });

  it('knows alternatives of several components, and gives their matches in their order', () => {
    expect(glob('{spec/models,.}/*.{rb,txt}', TREE)).toEqual([
      'spec/models/user.txt',
      'spec/models/user_spec.rb',
      '.hidden.rb',
      'a.rb',
      'b.rb',
    ]);
    expect(glob('{spec/**/last,c}*', TREE)).toEqual(['spec/models/deep/er/last_spec.rb', 'c.py']);
  });

  it('keeps the form of the pattern: absolute, relative, upwards', () => {
    expect(readPattern('/x/*.rb').flatMap((pattern) => select(pattern, ['a.rb']))).toEqual(['/x/a.rb']);
    expect(readPattern('/*').flatMap((pattern) => select(pattern, ['tmp']))).toEqual(['/tmp']);
    expect(readPattern('../x/*').flatMap((pattern) => select(pattern, ['a.rb']))).toEqual(['../x/a.rb']);
    expect(
      ['.', '..', '/', '../..'].flatMap((text) => readPattern(text).flatMap((p) => select(p, []))),
    ).toEqual(['.', '..', '/', '../..']);
  });

  it('lists no more than it needs', () => {
    const listing = (text: string) => listingFor(readPattern(text)[0]!);
    expect(listing('spec/models/*/a')).toEqual({ root: 'spec/models', depth: 2 });
    expect(listing('spec/**/a')).toEqual({ root: 'spec' });
    expect(listing('*.rb')).toEqual({ root: '', depth: 1 });
    expect(listing('spec/a.rb')).toEqual({ root: 'spec', depth: 1 });
    expect(listing('/usr/*')).toEqual({ root: '/usr', depth: 1 });
    expect(listing('/*')).toEqual({ root: '/', depth: 1 });
  });

  it.each(['[', '[]', '[]a]', '[a', '[^]', '[-a]', '[a-]', '[a-', '{a', '{a,b', '\\', '[\\', 'x/{a'])(
    'refuses what cannot be read: %s',
    (pattern) => {
      expect(() => readPattern(pattern)).toThrow(PatternError);
      expect(() => readPattern(pattern)).toThrow('syntax error in pattern');
    },
  );

  it('takes other signs for themselves', () => {
    expect(glob('a+(b)|c^$.rb', ['a+(b)|c^$.rb', 'aab.rb'])).toEqual(['a+(b)|c^$.rb']);
    expect(glob('}a,b]', ['}a,b]'])).toEqual(['}a,b]']);
    expect(glob('[\\[]x', ['[x', 'ax'])).toEqual(['[x']);
    expect(glob('[!a]x', ['ax', 'bx'])).toEqual(['bx']);
    expect(glob('?', ['😀', 'ab'])).toEqual(['😀']);
    expect(glob('[z-a]x*', ['ax'])).toEqual([]);
  });

  it('gives each path once, in any tree', () => {
    const name = fc.constantFrom('a', 'b', 'foo');
    const path = fc.array(name, { minLength: 1, maxLength: 5 }).map((names) => names.join('/'));
    fc.assert(
      fc.property(fc.array(path, { maxLength: 12 }), (paths) => {
        const found = glob('**/foo/**/*', paths);
        expect(new Set(found).size).toBe(found.length);
        const all = new Set(paths.flatMap((p) => p.split('/').map((_, i, s) => s.slice(0, i + 1).join('/'))));
        expect(new Set(found)).toEqual(new Set([...all].filter((p) => /(^|\/)foo\/./.test(p))));
      }),
    );
  });
});
