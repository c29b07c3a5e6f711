// Makes projects: finds out the default branch, gives the command, waits until the project can be read.
import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { CommandContext } from '../../../platform/event-store/aggregates.js';
import { InvalidInputError, NotFoundError } from '../../../platform/errors/errors.js';
import { FollowerHost } from '../../../platform/followers/follower-host.js';
import { checkSlug, OnProject, VCS, type ProjectFacts, type Vcs } from '../../../pipelines/index.js';
import type { NewProject } from './projects.schemas.js';
import { organizationId, projectId, usualRepository } from './slugs.js';

@Injectable()
export class ProjectCreation {
  constructor(
    private readonly commands: CommandBus,
    private readonly followers: FollowerHost,
    @Inject(VCS) private readonly vcs: Vcs,
  ) {}

  /**
   * Makes a project of the organisation (its canonical slug), or returns the one there is for the same repository.
   * Throws InvalidInputError for a name or repository that will not do, ConflictError when the project has another
   * repository. One read of the repository, bounded by the git timeout, happens here: the answer shows its default branch.
   */
  async create(
    organization: string,
    { name, vcs_url }: NewProject,
    context: CommandContext,
  ): Promise<ProjectFacts> {
    const slug = `${organization}/${name}`;
    checkSlug(slug);
    const vcsUrl = vcs_url || usualRepository(slug);
    if (vcsUrl === undefined)
      throw new InvalidInputError('PROJECT.REPOSITORY', 'Missing one or more JSON fields: vcs_url.');
    if (hasPassword(vcsUrl))
      throw new InvalidInputError(
        'PROJECT.REPOSITORY',
        "JSON field 'vcs_url' must not have a password in it.",
      );
    const command = {
      type: 'CreateProject',
      projectId: projectId(slug),
      slug,
      name,
      organizationId: organizationId(organization),
      organizationSlug: organization,
      organizationName: organization.split('/')[1]!,
      vcsUrl,
      defaultBranch: await this.defaultBranch(vcsUrl),
    } as const;
    const outcome = await this.commands.execute(new OnProject(command, context));
    if ('appended' in outcome) await this.followers.caughtUp(outcome.appended.position, ['ProjectCreated']);
    return { ...command, defaultBranch: outcome.state.defaultBranch };
  }

  /** A repository that is not there is a wrong field of this request, not a thing that its path names. */
  private async defaultBranch(url: string): Promise<string> {
    try {
      return await this.vcs.defaultBranch(url);
    } catch (error) {
      if (error instanceof NotFoundError) throw new InvalidInputError(error.code, error.message);
      throw error;
    }
  }
}

/** Events are kept for ever and shown to many: a password has no place in them. */
function hasPassword(url: string): boolean {
  return URL.canParse(url) && new URL(url).password !== '';
}
