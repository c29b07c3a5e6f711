// What a project allows: made once for a slug, its repository changed.
import { describe, expect, it } from '@jest/globals';
import { decideAfter } from '../../../test/support/given.js';
import { event } from '../../platform/event-store/event-of.js';
import { checkSlug, projectDecider, type ProjectCommand } from './project.decider.js';
import type { ProjectEvent, ProjectFacts } from './project.events.js';

const facts: ProjectFacts = {
  projectId: 'p1',
  slug: 'gh/acme/demo',
  name: 'demo',
  organizationId: 'o1',
  organizationSlug: 'gh/acme',
  organizationName: 'acme',
  vcsUrl: 'https://git.example/acme/demo.git',
  defaultBranch: 'main',
};
const created = event<ProjectEvent>('ProjectCreated', facts);
const create = (change: Partial<ProjectFacts> = {}): ProjectCommand => ({
  type: 'CreateProject',
  ...facts,
  ...change,
});
const change = (vcsUrl: string, defaultBranch = 'main'): ProjectCommand => ({
  type: 'ChangeProjectRepository',
  projectId: 'p1',
  vcsUrl,
  defaultBranch,
});
const after = (given: ProjectEvent[], command: ProjectCommand) => decideAfter(projectDecider, given, command);

describe('CreateProject', () => {
  it('records the project', () => {
    expect(after([], create())).toEqual({ events: [['ProjectCreated', facts]] });
  });
  it('refuses one that exists with another repository', () => {
    expect(after([created], create({ vcsUrl: '/elsewhere' }))).toEqual({
      error: 'ConflictError PROJECT.EXISTS: project gh/acme/demo exists with another repository',
    });
  });
  it('refuses a slug that is none, and a project without a repository', () => {
    expect(after([], create({ slug: 'acme' }))).toEqual({
      error: 'InvalidInputError PROJECT.SLUG: "acme" is not a project slug such as gh/acme/demo',
    });
    expect(after([], create({ vcsUrl: '' }))).toEqual({
      error: 'InvalidInputError PROJECT.REPOSITORY: a project needs the URL of its repository',
    });
  });
  it('does nothing when it is there', () => {
    expect(after([created], create())).toEqual({ nothing: 'the project exists with this repository' });
  });
  it('compares with the repository as it was changed', () => {
    const moved = event<ProjectEvent>('ProjectRepositoryChanged', {
      projectId: 'p1',
      vcsUrl: '/new',
      defaultBranch: 'main',
    });
    expect(after([created, moved], create({ vcsUrl: '/new' }))).toEqual({
      nothing: 'the project exists with this repository',
    });
  });
});

describe('ChangeProjectRepository', () => {
  it('records the change', () => {
    expect(after([created], change('/new', 'trunk'))).toEqual({
      events: [['ProjectRepositoryChanged', { projectId: 'p1', vcsUrl: '/new', defaultBranch: 'trunk' }]],
    });
  });
  it('refuses a project that is not there', () => {
    expect(after([], change('/new'))).toEqual({
      error: 'NotFoundError PROJECT.NOT_FOUND: Project not found',
    });
  });
  it('does nothing when it is so already', () => {
    expect(after([created], change(facts.vcsUrl))).toEqual({ nothing: 'already so' });
  });
});

describe('checkSlug', () => {
  it.each(['gh/acme/demo', 'git/local/a.b_c-d'])('takes %s', (slug) => {
    expect(() => checkSlug(slug)).not.toThrow();
  });
  it.each([
    '',
    'gh/acme',
    'gh/acme/demo/x',
    'gh//demo',
    'gh/../demo',
    'gh/acme/.',
    'gh/a b/c',
    `gh/a/${'x'.repeat(101)}`,
  ])('refuses "%s"', (slug) => {
    expect(() => checkSlug(slug)).toThrow('is not a project slug');
  });
});
