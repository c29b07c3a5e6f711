// /context/{context_id}/environment-variable: the variables of a context. Values are never shown again.
import { Controller, Delete, Get, Param, Put, Query, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { requestContext } from '../../../platform/commands/command-context.js';
import { Contexts } from '../../contexts/contexts.js';
import { actorOf, AuthGuard, CurrentUser } from '../../identity/auth.guard.js';
import type { Caller } from '../../identity/identity.js';
import {
  contextValueSchema,
  contextVariableSchema,
  type ContextValue,
  type ContextVariableView,
} from './contexts.schemas.js';
import { contextVariableView } from './contexts.views.js';
import {
  Answers,
  messageSchema,
  pageSchema,
  pageTokenParameter,
  QueryParameters,
  Tagged,
  Takes,
} from './documented.js';
import { key, keyOfToken, LONG_PAGE_SIZE, pageOf, type Page, type PagedList } from './page-token.js';
import { JsonBody, queryText, uuidPart, type Query as Parameters } from './request-parts.js';

const list: PagedList<readonly [string]> = {
  name: 'context-variable',
  form: z.tuple([key.path]).readonly(),
};

@Tagged('Context')
@UseGuards(AuthGuard)
@Controller('api/v2/context/:context_id/environment-variable')
export class ContextVariablesController {
  constructor(private readonly contexts: Contexts) {}

  @Get()
  @QueryParameters(pageTokenParameter)
  @Answers(200, 'The variables of a context, by name.', pageSchema(contextVariableSchema))
  async listEnvironmentVariablesFromContext(
    @Param('context_id') given: string,
    @Query() query: Parameters,
  ): Promise<Page<ContextVariableView>> {
    const { id } = await this.contexts.get(uuidPart(given, 'context_id'));
    const after = keyOfToken(list, queryText(query, 'page-token'))?.[0] ?? '';
    const rows = (await this.contexts.variables(id)).filter(({ name }) => name > after);
    return pageOf(
      rows,
      LONG_PAGE_SIZE,
      list,
      ({ name }): readonly [string] => [name],
      (row) => contextVariableView(id, row),
    );
  }

  @Put(':env_var_name')
  @Takes(contextValueSchema)
  @Answers(200, 'The variable, new or with a new value.', contextVariableSchema)
  async addEnvironmentVariableToContext(
    @Param('context_id') given: string,
    @Param('env_var_name') name: string,
    @JsonBody(contextValueSchema) { value }: ContextValue,
    @CurrentUser() caller: Caller,
  ): Promise<ContextVariableView> {
    const id = uuidPart(given, 'context_id');
    return contextVariableView(
      id,
      await this.contexts.store(id, name, value, requestContext(actorOf(caller))),
    );
  }

  @Delete(':env_var_name')
  @Answers(200, 'The variable is gone.', messageSchema)
  async deleteEnvironmentVariableFromContext(
    @Param('context_id') given: string,
    @Param('env_var_name') name: string,
    @CurrentUser() caller: Caller,
  ): Promise<{ message: string }> {
    await this.contexts.remove(uuidPart(given, 'context_id'), name, requestContext(actorOf(caller)));
    return { message: 'Environment variable deleted.' };
  }
}
