// GET /me, /me/collaborations, /user/{id}.
import { Controller, Get, Param, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { AuthGuard, CurrentUser } from '../../identity/auth.guard.js';
import type { Caller } from '../../identity/identity.js';
import { Answers, Tagged } from './documented.js';
import { MeQueries } from './me.queries.js';
import { collaborationSchema, userSchema, type CollaborationView, type UserView } from './me.schemas.js';
import { collaborationView, userView } from './me.views.js';
import { uuidPart } from './request-parts.js';

@Tagged('User')
@UseGuards(AuthGuard)
@Controller('api/v2')
export class MeController {
  constructor(private readonly queries: MeQueries) {}

  @Get('me')
  @Answers(200, 'The user whose token it is.', userSchema)
  getCurrentUser(@CurrentUser() caller: Caller): UserView {
    return userView({ id: caller.userId, login: caller.login, name: caller.name });
  }

  @Get('me/collaborations')
  @Answers(200, 'The organisations that the user can see.', z.array(collaborationSchema))
  async getCollaborations(): Promise<CollaborationView[]> {
    return (await this.queries.organizations()).map(collaborationView);
  }

  @Get('user/:id')
  @Answers(200, 'A user.', userSchema)
  async getUser(@Param('id') id: string): Promise<UserView> {
    return userView(await this.queries.user(uuidPart(id, 'id')));
  }
}
