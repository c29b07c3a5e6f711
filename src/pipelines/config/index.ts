export type * from './config.types.js';
export type * from './plan/plan.types.js';
