// What other modules may use of the app core.
export { ApiTokenEntity, UserEntity } from './identity/identity.entity.js';
export { Identity, issueTokenOffline, type Caller } from './identity/identity.js';
export { IdentityModule } from './identity/identity.module.js';
export { IdentityProjection } from './identity/identity.projection.js';
export { AuthGuard, CurrentUser, tokenOf } from './identity/auth.guard.js';
