// GET /project/{project-slug}, POST /organization/{org-slug-or-id}/project.
import { Controller, Get, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { requestContext } from '../../../platform/commands/command-context.js';
import { actorOf, AuthGuard, CurrentUser } from '../../identity/auth.guard.js';
import type { Caller } from '../../identity/identity.js';
import { Answers, Tagged, Takes } from './documented.js';
import { ProjectCreation } from './project-creation.js';
import { ProjectQueries } from './projects.queries.js';
import { newProjectSchema, projectSchema, type NewProject, type ProjectView } from './projects.schemas.js';
import { newProjectView, projectView } from './projects.views.js';
import { JsonBody } from './request-parts.js';

@Tagged('Project')
@UseGuards(AuthGuard)
@Controller('api/v2')
export class ProjectsController {
  constructor(
    private readonly projects: ProjectQueries,
    private readonly creation: ProjectCreation,
  ) {}

  @Get('project/:project_slug')
  @Answers(200, 'A project.', projectSchema)
  async getProjectBySlug(@Param('project_slug') slug: string): Promise<ProjectView> {
    return projectView(await this.projects.find(slug));
  }

  @Post('organization/:org_slug_or_id/project')
  @HttpCode(200)
  @Takes(newProjectSchema)
  @Answers(200, 'The new project.', projectSchema)
  async createProject(
    @Param('org_slug_or_id') organization: string,
    @JsonBody(newProjectSchema) body: NewProject,
    @CurrentUser() caller: Caller,
  ): Promise<ProjectView> {
    const slug = await this.projects.organizationSlug(organization);
    return newProjectView(await this.creation.create(slug, body, requestContext(actorOf(caller))));
  }
}
