// What other slices may use of the config language: the compiler, the planner and the pool that runs both.
export type * from './config.types.js';
export type * from './explain/reason.types.js';
export type * from './origins/origins.js';
export type * from './plan/plan.types.js';
export type { PlanRef } from './plan/filters.js';
export type { PlanResult } from './plan/plan.js';
export type { SourcePlace } from './problems/place.js';
export type { PipelineInput, PipelineResult } from './pipeline.js';
export { compile } from './compile.js';
export { configJsonSchema, configReference } from './schema/check.js';
export { notRunText, placeText, reasonText } from './explain/reason-text.js';
export { compilePipeline } from './pipeline.js';
export { problemText } from './problems/problem-text.js';
export { plan } from './plan/plan.js';
export { errorLines, fullMessage, sourceComment } from './problems/lines.js';
export { CompilerPool, type CompilerPoolOptions } from './pool/compiler-pool.js';
