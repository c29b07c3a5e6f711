// What is written: the files of the slices are found by their kinds (`*.projection.ts`, `*.events.ts` ...) and looked
// into, so that one that nobody has listed is seen, too. Those that are listed are loaded already.
import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Command } from '@nestjs/cqrs';
import type { Decider } from '../../platform/event-store/decider.js';
import { isEventTypes, type EventTypes } from '../../platform/event-store/event-of.js';
import type { NewEvent } from '../../platform/event-store/event-store.port.js';
import type { Projection, ProcessManager } from '../../platform/followers/follower.types.js';
import type { WorkHandler } from '../../platform/queue/work-queue.port.js';

export type Class<T> = new (...parts: never[]) => T;

export interface Written<T> {
  value: T;
  /** Its name in the code. */
  name: string;
  /** The file, e.g. `src/execution/caches/cache.projection.ts`. */
  file: string;
}

export interface WrittenParts {
  events: Written<EventTypes>[];
  deciders: Written<Decider<unknown, unknown, NewEvent>>[];
  commands: Written<Class<Command<unknown>>>[];
  /** With the command that each handles. */
  commandHandlers: (Written<Class<object>> & { handles: unknown })[];
  projections: Written<Class<Projection>>[];
  processManagers: Written<Class<ProcessManager>>[];
  workHandlers: Written<Class<WorkHandler>>[];
  /** Classes of files of entities. */
  entities: Written<Class<object>>[];
}

const KINDS = /\.(events|decider|commands|entity|projection|process-manager|work)\.(js|ts)$/;
/** They have no slices. */
const OTHERS = new Set(['boot', 'cli', 'platform']);
/** Where @CommandHandler of @nestjs/cqrs notes the command. */
const HANDLES = '__commandHandler__';

/** Finds what the program has beside its own file: as it is built, or as sources. */
export async function findWritten(): Promise<WrittenParts> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const kind = extname(fileURLToPath(import.meta.url));
  const exported: Written<unknown>[] = [];
  for (const module of await readdir(root, { withFileTypes: true })) {
    if (!module.isDirectory() || OTHERS.has(module.name)) continue;
    const files = (await readdir(join(root, module.name), { recursive: true })).filter(
      (file) => KINDS.test(file) && extname(file) === kind,
    );
    for (const file of files.sort()) {
      const path = join(root, module.name, file);
      const parts = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
      const shown = `src/${module.name}/${file.replace(/\.js$/, '.ts')}`;
      for (const [name, value] of Object.entries(parts)) exported.push({ value, name, file: shown });
    }
  }
  return sorted(exported);
}

function sorted(exported: readonly Written<unknown>[]): WrittenParts {
  const those = <T>(is: (value: unknown, file: string) => boolean): Written<T>[] =>
    exported.filter(({ value, file }) => is(value, file)) as Written<T>[];
  const handlers = those<Class<object>>((value) => isClass(value) && Reflect.hasMetadata(HANDLES, value));
  return {
    events: those(isEventTypes),
    deciders: those((value) => has(value, 'decide', 'evolve', 'initialState')),
    commands: those((value) => isClass(value) && value.prototype instanceof Command),
    commandHandlers: handlers.map((handler) => ({
      ...handler,
      handles: Reflect.getMetadata(HANDLES, handler.value) as unknown,
    })),
    projections: those((value) => isClass(value) && has(value.prototype, 'project')),
    processManagers: those((value) => isClass(value) && has(value.prototype, 'react')),
    workHandlers: those((value) => isClass(value) && has(value.prototype, 'perform', 'exhausted', 'waiting')),
    entities: those((value, file) => file.endsWith('.entity.ts') && isClass(value)),
  };
}

function isClass(value: unknown): value is Class<object> {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

function has(value: unknown, ...names: string[]): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
  );
}
