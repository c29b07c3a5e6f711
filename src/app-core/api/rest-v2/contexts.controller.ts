// /context: sets of variables of an organization.
import { Controller, Delete, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { requestContext } from '../../../platform/commands/command-context.js';
import { InvalidInputError } from '../../../platform/errors/errors.js';
import { isUuid } from '../../../platform/ids/ids.js';
import { Contexts } from '../../contexts/contexts.js';
import { actorOf, AuthGuard, CurrentUser } from '../../identity/auth.guard.js';
import type { Caller } from '../../identity/identity.js';
import {
  contextInListSchema,
  contextSchema,
  fullContextSchema,
  newContextSchema,
  type ContextInListView,
  type VariableInContextView,
  type ContextView,
  type FullContextView,
  type NewContext,
} from './contexts.schemas.js';
import { contextView, variableInContextView } from './contexts.views.js';
import {
  Answers,
  messageSchema,
  pageSchema,
  pageTokenParameter,
  QueryParameters,
  Tagged,
  Takes,
} from './documented.js';
import { key, keyOfToken, PAGE_SIZE, pageOf, type Page, type PagedList } from './page-token.js';
import { ProjectQueries } from './projects.queries.js';
import { JsonBody, queryFlag, queryText, uuidPart, type Query as Parameters } from './request-parts.js';
import { organizationId } from './slugs.js';

const list: PagedList<readonly [string]> = { name: 'context', form: z.tuple([key.path]).readonly() };

@Tagged('Context')
@UseGuards(AuthGuard)
@Controller('api/v2/context')
export class ContextsController {
  constructor(
    private readonly contexts: Contexts,
    private readonly projects: ProjectQueries,
  ) {}

  @Get()
  @QueryParameters({
    'owner-id': 'The organization, by its id.',
    'owner-slug': 'The organization, by its slug.',
    'owner-type': 'organization or account; both mean the same here.',
    name: 'Only contexts with this in their name.',
    'include-env-vars': 'true to have the variables of each, with masked values.',
    ...pageTokenParameter,
  })
  @Answers(200, 'The contexts of an organization, by name.', pageSchema(contextInListSchema))
  async listContexts(@Query() query: Parameters): Promise<Page<ContextInListView>> {
    const id = queryText(query, 'owner-id');
    if (id !== undefined && !isUuid(id))
      throw new InvalidInputError('REQUEST.QUERY', "Query parameter 'owner-id' is invalid.");
    const owner = await this.organization(id, queryText(query, 'owner-slug'));
    const after = keyOfToken(list, queryText(query, 'page-token'))?.[0] ?? '';
    const rows = await this.contexts.list(owner, queryText(query, 'name') ?? '', after, PAGE_SIZE + 1);
    const page = pageOf(rows, PAGE_SIZE, list, ({ name }): readonly [string] => [name], contextView);
    if (!queryFlag(query, 'include-env-vars')) return page;
    const variables = (item: ContextView) => this.variablesOf(item.id);
    const items = page.items.map(async (item) => ({ ...item, environment_variables: await variables(item) }));
    return { ...page, items: await Promise.all(items) };
  }

  @Post()
  @HttpCode(200)
  @Takes(newContextSchema)
  @Answers(200, 'The new context.', contextSchema)
  async createContext(
    @JsonBody(newContextSchema) { name, owner }: NewContext,
    @CurrentUser() caller: Caller,
  ): Promise<ContextView> {
    const organization = await this.organization(owner.id, owner.slug);
    return contextView(await this.contexts.create(organization, name, requestContext(actorOf(caller))));
  }

  @Get(':context_id')
  @Answers(200, 'A context with its variables.', fullContextSchema)
  async getContext(@Param('context_id') id: string): Promise<FullContextView> {
    const context = await this.contexts.get(uuidPart(id, 'context_id'));
    return {
      ...contextView(context),
      org_id: context.organizationId,
      environment_variables: await this.variablesOf(context.id),
    };
  }

  @Delete(':context_id')
  @Answers(200, 'The context is gone, with its variables.', messageSchema)
  async deleteContext(
    @Param('context_id') id: string,
    @CurrentUser() caller: Caller,
  ): Promise<{ message: string }> {
    await this.contexts.delete(uuidPart(id, 'context_id'), requestContext(actorOf(caller)));
    return { message: 'Context deleted.' };
  }

  private async variablesOf(contextId: string): Promise<VariableInContextView[]> {
    return (await this.contexts.variables(contextId)).map((each) => variableInContextView(contextId, each));
  }

  /** The id of an organization given by id or slug; one given by slug need not have projects yet. */
  private async organization(id: string | undefined, slug: string | undefined): Promise<string> {
    const given = id ?? slug;
    if (given === undefined)
      throw new InvalidInputError('REQUEST.OWNER', "One of 'owner-id' and 'owner-slug' is needed.");
    return organizationId(await this.projects.organizationSlug(given));
  }
}
