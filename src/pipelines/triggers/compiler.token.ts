// The injection token of the compiler's worker pool.
export const COMPILER = Symbol('compiler');
