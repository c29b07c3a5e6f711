// What other modules may use of the app core.
export { ContextEntity, ContextVariableEntity } from './contexts/context.entity.js';
export { ContextProjection } from './contexts/context.projection.js';
export { ContextsModule } from './contexts/contexts.module.js';
export { JobSecrets } from './contexts/job-secrets.js';
export { ProjectVariableEntity } from './project-variables/project-variable.entity.js';
export { ProjectVariableProjection } from './project-variables/project-variable.projection.js';
export { ApiTokenEntity, UserEntity } from './identity/identity.entity.js';
export { Identity, issueTokenOffline, type Caller } from './identity/identity.js';
export { IdentityModule } from './identity/identity.module.js';
export { IdentityProjection } from './identity/identity.projection.js';
export { AuthGuard, CurrentUser, tokenOf } from './identity/auth.guard.js';
