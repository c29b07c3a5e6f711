// /project/{project-slug}/envvar: the variables of a project. Values are never shown again.
import { Controller, Delete, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { requestContext } from '../../../platform/commands/command-context.js';
import { actorOf, AuthGuard, CurrentUser } from '../../identity/auth.guard.js';
import type { Caller } from '../../identity/identity.js';
import { ProjectVariables, type ShownProjectVariable } from '../../project-variables/project-variables.js';
import {
  Answers,
  messageSchema,
  pageSchema,
  pageTokenParameter,
  QueryParameters,
  Tagged,
  Takes,
} from './documented.js';
import { envvarSchema, newEnvvarSchema, type EnvvarView, type NewEnvvar } from './envvars.schemas.js';
import { key, keyOfToken, LONG_PAGE_SIZE, pageOf, type Page, type PagedList } from './page-token.js';
import { ProjectQueries } from './projects.queries.js';
import { JsonBody, queryText, type Query as Parameters } from './request-parts.js';
import { z } from 'zod';

const list: PagedList<readonly [string]> = { name: 'envvar', form: z.tuple([key.path]).readonly() };

@Tagged('Project')
@UseGuards(AuthGuard)
@Controller('api/v2/project/:project_slug/envvar')
export class EnvvarsController {
  constructor(
    private readonly projects: ProjectQueries,
    private readonly variables: ProjectVariables,
  ) {}

  @Get()
  @QueryParameters(pageTokenParameter)
  @Answers(200, 'The variables of a project, by name.', pageSchema(envvarSchema))
  async listEnvVars(
    @Param('project_slug') slug: string,
    @Query() query: Parameters,
  ): Promise<Page<EnvvarView>> {
    const after = keyOfToken(list, queryText(query, 'page-token'))?.[0] ?? '';
    const all = await this.variables.list((await this.projects.find(slug)).id);
    const rows = all.filter(({ name }) => name > after);
    return pageOf(rows, LONG_PAGE_SIZE, list, ({ name }): readonly [string] => [name], view);
  }

  @Post()
  @HttpCode(201)
  @Takes(newEnvvarSchema)
  @Answers(201, 'The variable, new or with a new value.', envvarSchema)
  async createEnvVar(
    @Param('project_slug') slug: string,
    @JsonBody(newEnvvarSchema) { name, value }: NewEnvvar,
    @CurrentUser() caller: Caller,
  ): Promise<EnvvarView> {
    const { id } = await this.projects.find(slug);
    return view(await this.variables.store(id, name, value, requestContext(actorOf(caller))));
  }

  @Get(':name')
  @Answers(200, 'A variable.', envvarSchema)
  async getEnvVar(@Param('project_slug') slug: string, @Param('name') name: string): Promise<EnvvarView> {
    return view(await this.variables.get((await this.projects.find(slug)).id, name));
  }

  @Delete(':name')
  @Answers(200, 'The variable is gone.', messageSchema)
  async deleteEnvVar(
    @Param('project_slug') slug: string,
    @Param('name') name: string,
    @CurrentUser() caller: Caller,
  ): Promise<{ message: string }> {
    const { id } = await this.projects.find(slug);
    await this.variables.remove(id, name, requestContext(actorOf(caller)));
    return { message: 'Environment variable deleted.' };
  }
}

function view({ name, masked, createdAt }: ShownProjectVariable): EnvvarView {
  const time = createdAt.toISOString();
  return { name, value: masked, 'created-at': time, created_at: time };
}
