export { findTree, killTree, type TreeSelector } from './process-tree.js';
export { listProcesses, readEntry, type ProcessEntry } from './process-list.js';
