// GET /api/rotunda/v1/agents: the agents that the server knows, an API of Rotunda's own.
import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { agentView, listAgents, type AgentView, type ListedAgent } from '../../../execution/index.js';
import { AuthGuard } from '../../identity/auth.guard.js';
import { key, keyOfToken, pageOf, type Page, type PagedList } from '../rest-v2/page-token.js';
import { queryText, type Query as QueryValues } from '../rest-v2/request-parts.js';

const PAGE_SIZE = 100;
const list: PagedList<[name: string, id: string]> = {
  name: 'agents',
  form: z.tuple([key.path, key.uuid]),
};

@UseGuards(AuthGuard)
@Controller('api/rotunda/v1/agents')
export class AgentsController {
  constructor(private readonly database: DataSource) {}

  /** Agents of the last day by name; `page-token` as in REST v2. */
  @Get()
  async agents(@Query() query: QueryValues): Promise<Page<AgentView>> {
    const after = keyOfToken(list, queryText(query, 'page-token'));
    const rows = await listAgents(this.database, PAGE_SIZE + 1, after && { name: after[0], id: after[1] });
    const keyOf = ({ name, id }: ListedAgent): [string, string] => [name, id];
    return pageOf(rows, PAGE_SIZE, list, keyOf, agentView);
  }
}
