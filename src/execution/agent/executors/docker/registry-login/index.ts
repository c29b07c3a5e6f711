export { EcrLogin } from './ecr.js';
export { GcpLogin } from './gcp.js';
export { valueOf, type Login, type LoginRequest, type RegistryLogin } from './registry-login.js';
