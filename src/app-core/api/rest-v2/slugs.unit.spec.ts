import { describe, expect, it } from '@jest/globals';
import { slugAsOneSegment } from './routing.js';
import { organizationSlug, projectSlug, providerName, usualRepository } from './slugs.js';

describe('slugs', () => {
  it.each([
    ['github/acme/demo', 'gh/acme/demo'],
    ['gh/acme/demo', 'gh/acme/demo'],
    ['bitbucket/acme/demo', 'bb/acme/demo'],
    [
      'circleci/9YytKzouJxzu4TjCRFqAoD/44n9wujWcTnVZ2b5S8Fnat',
      'circleci/9YytKzouJxzu4TjCRFqAoD/44n9wujWcTnVZ2b5S8Fnat',
    ],
    ['git/acme/demo.js', 'git/acme/demo.js'],
  ])('%s is kept as %s', (text, slug) => expect(projectSlug(text)).toBe(slug));

  it.each([
    '',
    'gh',
    'gh/acme',
    'gh/acme/demo/x',
    'gh//demo',
    'gh/acme/..',
    'gh/ac me/demo',
    'svn/a/b',
    'gh/a/b\0',
  ])('%j is no project slug', (text) => expect(projectSlug(text)).toBeUndefined());

  it('tells an organisation from a project', () => {
    expect(organizationSlug('github/acme')).toBe('gh/acme');
    expect(organizationSlug('github/acme/demo')).toBeUndefined();
  });

  it('knows where the code of a hosted project is', () => {
    expect(usualRepository('gh/acme/demo')).toBe('https://github.com/acme/demo');
    expect(usualRepository('bb/acme/demo')).toBe('https://bitbucket.org/acme/demo');
    expect(usualRepository('git/acme/demo')).toBeUndefined();
    expect(['gh/a/b', 'bb/a/b', 'git/a/b'].map(providerName)).toEqual(['GitHub', 'Bitbucket', 'CircleCI']);
  });
});

describe('a slug in a URL', () => {
  it.each([
    ['/api/v2/project/gh/acme/demo', '/api/v2/project/gh%2Facme%2Fdemo'],
    [
      '/api/v2/project/github/acme/demo/pipeline?branch=a/b',
      '/api/v2/project/github%2Facme%2Fdemo/pipeline?branch=a/b',
    ],
    [
      '/api/v2/project/gh/pipeline/pipeline/pipeline/mine',
      '/api/v2/project/gh%2Fpipeline%2Fpipeline/pipeline/mine',
    ],
    ['/api/v2/organization/gh/acme/project', '/api/v2/organization/gh%2Facme/project'],
  ])('%s becomes one segment', (url, written) => expect(slugAsOneSegment(url)).toBe(written));

  it.each([
    '/api/v2/project/gh%2Facme%2Fdemo/pipeline',
    '/api/v2/project/5034460f-c7c4-4c43-9457-de07e2029e7b/job/1/cancel',
    '/api/v2/organization/5034460f-c7c4-4c43-9457-de07e2029e7b/project',
    '/api/v2/me?x=/api/v2/project/gh/acme/demo',
    '/api/v1.1/project/gh/acme/demo',
  ])('%s stays', (url) => expect(slugAsOneSegment(url)).toBe(url));
});
