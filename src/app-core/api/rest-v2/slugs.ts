// Slugs of projects and organisations: their canonical form and what follows from it.
import { nameId } from '../../../platform/ids/ids.js';

const SHORT: Readonly<Record<string, string>> = { github: 'gh', bitbucket: 'bb' };
const VCS = new Set(['gh', 'bb', 'circleci', 'git']);
const SEGMENT = /^[A-Za-z0-9._-]{1,100}$/;

/** `github/acme/demo` and `gh/acme/demo` are one project, kept as `gh/acme/demo` (ENDPOINTS 0.3). */
export function canonicalSlug(slug: string): string {
  const [vcs = '', ...rest] = slug.split('/');
  return [SHORT[vcs] ?? vcs, ...rest].join('/');
}

/** The canonical slug when the text is `<vcs>/<organisation>/<name>`; else undefined. */
export function projectSlug(text: string): string | undefined {
  return slugOf(text, 3);
}

/** The canonical slug when the text is `<vcs>/<organisation>`; else undefined. */
export function organizationSlug(text: string): string | undefined {
  return slugOf(text, 2);
}

function slugOf(text: string, parts: number): string | undefined {
  const slug = canonicalSlug(text);
  const [vcs, ...names] = slug.split('/');
  const good = names.every((name) => SEGMENT.test(name) && name !== '.' && name !== '..');
  return VCS.has(vcs!) && names.length === parts - 1 && good ? slug : undefined;
}

export function projectId(slug: string): string {
  return nameId('project', slug);
}

export function organizationId(slug: string): string {
  return nameId('organization', slug);
}

/** Where the code of a project is by its slug alone; undefined where a slug does not say it. */
export function usualRepository(slug: string): string | undefined {
  const [vcs, organization, name] = slug.split('/');
  if (vcs === 'gh') return `https://github.com/${organization}/${name}`;
  if (vcs === 'bb') return `https://bitbucket.org/${organization}/${name}`;
  return undefined;
}

/** The provider as answers name it; the original knows these three, and a plain Git repository is none of the first two. */
export function providerName(slug: string): 'GitHub' | 'Bitbucket' | 'CircleCI' {
  if (slug.startsWith('gh/')) return 'GitHub';
  return slug.startsWith('bb/') ? 'Bitbucket' : 'CircleCI';
}
