// What other slices may use of the config language: the compiler, the planner and the pool that runs both.
export type * from './config.types.js';
export type * from './plan/plan.types.js';
export type { PlanRef } from './plan/filters.js';
export type { PlanResult } from './plan/plan.js';
export { compile } from './compile.js';
export { configJsonSchema, configReference } from './schema/check.js';
export { plan } from './plan/plan.js';
export { errorLines, fullMessage, sourceComment } from './problems/lines.js';
export { CompilerPool, type CompilerPoolOptions } from './pool/compiler-pool.js';
