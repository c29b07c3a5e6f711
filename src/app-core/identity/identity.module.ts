// Who may call.
import { Global, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { AGENT_AUTH, type AgentAuth } from '../../execution/index.js';
import { AuthGuard } from './auth.guard.js';
import { OnUserHandler } from './identity.commands.js';
import { Identity } from './identity.js';

@Global()
@Module({
  imports: [CqrsModule],
  providers: [
    Identity,
    AuthGuard,
    OnUserHandler,
    {
      provide: AGENT_AUTH,
      inject: [Identity],
      useFactory: (identity: Identity): AgentAuth => ({
        scopeOf: async (token) => {
          const caller = await identity.verify(token);
          return caller?.kind === 'agent' ? { resourceClasses: caller.resourceClasses ?? ['*'] } : undefined;
        },
      }),
    },
  ],
  exports: [Identity, AuthGuard, AGENT_AUTH],
})
export class IdentityModule {}
