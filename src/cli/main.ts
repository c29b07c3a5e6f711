// The `rotunda` command. Before anything is loaded, Node is told to keep what it compiles (22.1 and later can).
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

const { enableCompileCache } = nodeModule as { enableCompileCache?: (directory: string) => unknown };
// Beside the program, where only those who may change it can write; where nobody may, it is used as it was built.
enableCompileCache?.(fileURLToPath(new URL('../../.compile-cache', import.meta.url)));
await import('./program.js');
