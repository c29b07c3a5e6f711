import { describe, expect, it } from '@jest/globals';
import { artifactHeaders, contentType, isKnown, rangeOf } from './artifact-headers.js';
import { artifactUrlPath } from './artifacts.views.js';

describe('the range of an answer', () => {
  it.each([
    ['bytes=0-0', { start: 0, end: 1 }],
    ['bytes=2-4', { start: 2, end: 5 }],
    ['bytes=2-', { start: 2, end: 10 }],
    ['bytes=2-999', { start: 2, end: 10 }],
    ['bytes=-3', { start: 7, end: 10 }],
    ['bytes=-999', { start: 0, end: 10 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    [undefined, undefined],
    ['bytes=-', undefined],
    ['bytes=4-2', undefined],
    ['bytes=0-1,3-4', undefined],
    ['lines=0-1', undefined],
  ] as const)('%s of 10 bytes', (header, range) => expect(rangeOf(header, 10)).toEqual(range));

  it('lies nowhere in an empty file', () => {
    expect(rangeOf('bytes=0-', 0)).toBe('unsatisfiable');
    expect(rangeOf('bytes=-1', 0)).toBe('unsatisfiable');
  });
});

describe('the headers of an artifact', () => {
  it('name its type by the extension', () => {
    expect(['a/b.HTML', 'x.json', 'x.tar.gz', 'README', '.env', 'x.exe'].map(contentType)).toEqual([
      'text/html; charset=utf-8',
      'application/json',
      'application/gzip',
      'application/octet-stream',
      'application/octet-stream',
      'application/octet-stream',
    ]);
  });

  it('keep any file name inside the header', () => {
    const { 'content-disposition': header } = artifactHeaders('d/a"\r\nx: y ü%(1).txt', 'f'.repeat(64));
    expect(header).toBe(
      `inline; filename="a___x: y __(1).txt"; filename*=UTF-8''a%22%0D%0Ax%3A%20y%20%C3%BC%25%281%29.txt`,
    );
  });

  it('give a page no scripts and no origin', () => {
    const policy = artifactHeaders('index.html', 'f')['content-security-policy']!;
    expect(policy.split('; ').slice(0, 2)).toEqual(['sandbox', "default-src 'none'"]);
    expect(policy).not.toContain('script');
  });

  it('tell that the reader has the content', () => {
    expect(isKnown('"a", W/"b"', '"b"')).toBe(true);
    expect(isKnown('*', '"b"')).toBe(true);
    expect(isKnown('"a"', '"b"')).toBe(false);
    expect(isKnown(undefined, '"b"')).toBe(false);
  });
});

it('the address of an artifact leads back to its path', () => {
  const path = 'a b/c#d?/100%/ü.html';
  const url = new URL(artifactUrlPath({ jobId: 'j', nodeIndex: 2, path }), 'http://x');
  expect([url.search, url.hash]).toEqual(['', '']);
  expect(decodeURIComponent(url.pathname)).toBe(`/output/job/j/artifacts/2/${path}`);
});
