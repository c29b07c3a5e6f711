// Orb references and the versions that they mean.
import { describe, expect, test } from '@jest/globals';
import { compareVersions, exactVersion, parseOrbReference, resolveVersion } from './reference.js';

describe('parseOrbReference', () => {
  test.each([
    ['acme/tool@1.2.3', { kind: 'production', major: 1, minor: 2, patch: 3 }],
    ['acme/tool@1.2', { kind: 'production', major: 1, minor: 2 }],
    ['acme/tool@0', { kind: 'production', major: 0 }],
    ['acme/tool@volatile', { kind: 'volatile' }],
    ['acme/tool@dev:first', { kind: 'dev', label: 'first' }],
    [' acme/tool@ 1.2 ', { kind: 'production', major: 1, minor: 2 }],
    ['acme/tool@dev:Feature/ABC-1', { kind: 'dev', label: 'Feature/ABC-1' }],
  ])('%s', (text, version) => {
    expect(parseOrbReference(text)).toEqual({
      kind: 'registry',
      namespace: 'acme',
      orb: 'tool',
      name: 'acme/tool',
      version,
    });
  });

  test('a namespace may begin with a digit', () => {
    expect(parseOrbReference('1password/secrets@1.0.0')).toMatchObject({ name: '1password/secrets' });
  });

  test('a URL', () => {
    expect(parseOrbReference('https://example.com/orb.yml')).toEqual({
      kind: 'url',
      url: 'https://example.com/orb.yml',
    });
  });

  test.each([
    '',
    'acme/tool',
    'acme@1',
    'acme/tool:1.2.3',
    'acme/tool@',
    'acme/tool@1.2.3.4',
    'acme/tool@1.2.3-rc1',
    'acme/tool@01.2.3',
    'acme/tool@latest',
    'acme/tool@dev:',
    'acme/tool@dev:a b',
    'Acme/tool@1',
    'a/b/c@1',
    'file:///etc/passwd',
    'ftp://example.com/orb.yml',
  ])('"%s" is none', (text) => {
    expect(parseOrbReference(text)).toBeUndefined();
  });
});

describe('resolveVersion', () => {
  const published = ['1.2.9', '1.2.10', '0.9.0', '1.10.0', '2.0.0', 'dev:first'];
  test.each([
    ['1.2.9', '1.2.9'],
    ['1.2', '1.2.10'],
    ['1', '1.10.0'],
    ['volatile', '2.0.0'],
    ['dev:first', 'dev:first'],
    ['3', undefined],
    ['1.2.11', undefined],
    ['dev:other', undefined],
  ])('@%s is %s', (text, expected) => {
    const reference = parseOrbReference(`acme/tool@${text}`);
    expect(reference?.kind === 'registry' && resolveVersion(reference.version, published)).toBe(expected);
  });

  test('volatile never means a dev version', () => {
    expect(resolveVersion({ kind: 'volatile' }, ['dev:first'])).toBeUndefined();
  });

  test('versions compare by number, not by text', () => {
    expect(['1.10.0', '1.9.9', '1.9.10'].sort(compareVersions)).toEqual(['1.9.9', '1.9.10', '1.10.0']);
    expect(exactVersion('1.2')).toBeUndefined();
  });
});
