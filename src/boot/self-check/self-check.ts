// The self-check at start: everything that is written is wired, once, and what is wired fits together.
import type { Projection, ProcessManager } from '../../platform/followers/follower.types.js';
import type { Class, Written, WrittenParts } from './written.js';

/** What the boot has put together. */
export interface Wired {
  projections: readonly Projection[];
  processManagers: readonly ProcessManager[];
  workHandlers: readonly Class<unknown>[];
  /** Entities by the table of each. */
  entities: ReadonlyMap<string, Class<object>>;
  /** Tables that the database has. */
  tables: ReadonlySet<string>;
  /** True when the application has an instance of this class. */
  provides(handler: Class<object>): boolean;
}

/** Throws one error that names every mismatch and says what to write. */
export function selfCheck(written: WrittenParts, wired: Wired): void {
  const problems = [
    ...commands(written, wired),
    ...eventTypes(written, wired),
    ...listed(written, wired),
    ...tables(wired),
  ];
  if (problems.length > 0) throw new Error(`the program is not complete:\n  ${problems.join('\n  ')}`);
}

function* commands({ commands, commandHandlers }: WrittenParts, { provides }: Wired): Generator<string> {
  for (const command of commands) {
    const handlers = commandHandlers.filter(({ handles }) => handles === command.value);
    if (handlers.length === 0)
      yield `Nothing handles the command ${at(command)}: write a class with @CommandHandler(${command.name}).`;
    if (handlers.length > 1)
      yield `The command ${at(command)} has ${handlers.length} handlers (${namesOf(handlers)}): keep one of them.`;
  }
  for (const handler of commandHandlers) {
    if (!provides(handler.value))
      yield `The command handler ${at(handler)} is in no module: add it to the providers of its module.`;
  }
}

function* eventTypes({ events, deciders }: WrittenParts, wired: Wired): Generator<string> {
  const declared = new Map<string, Written<unknown>>();
  const followers = [...wired.projections, ...wired.processManagers];
  const evolved = new Set(deciders.flatMap(({ value }) => Object.keys(value.events)));
  const followed = new Set(followers.flatMap(({ eventTypes: types }) => types));
  for (const one of events) {
    for (const [type, by] of Object.entries(one.value)) {
      const other = declared.get(type);
      if (other)
        yield `The event ${type} is declared twice, in ${other.file} and ${one.file}: rename one of them.`;
      declared.set(type, one);
      if (by === 'decided' && !evolved.has(type))
        yield `No decider evolves the event ${type} (${one.file}): give the decider of its stream \`events: ${one.name}\` and a case in \`evolve\`, or declare it as 'followed' or 'read'.`;
      if (by === 'followed' && !followed.has(type))
        yield `No projection and no process manager takes the event ${type} (${one.file}): name it in the eventTypes of one, or declare it as 'read'.`;
    }
  }
  const unknown = (type: string): boolean => !declared.has(type);
  for (const { value, ...decider } of deciders) {
    for (const type of Object.keys(value.events).filter(unknown))
      yield `The decider ${at(decider)} evolves the event ${type}, which nobody declares: write \`eventTypes<...>({ ${type}: 'decided' })\` in the events of its slice.`;
  }
  for (const { name, eventTypes: types } of followers) {
    for (const type of types.filter(unknown))
      yield `The follower "${name}" names the event ${type}, which nobody declares: correct its eventTypes, or write \`eventTypes<...>\` in the events of the slice.`;
  }
}

function* listed(written: WrittenParts, wired: Wired): Generator<string> {
  const kinds = [
    ['projection', written.projections, classesOf(wired.projections), 'src/boot/followers.ts'],
    ['process manager', written.processManagers, classesOf(wired.processManagers), 'src/boot/followers.ts'],
    ['work handler', written.workHandlers, wired.workHandlers, 'src/boot/work.ts'],
    ['entity', written.entities, [...wired.entities.values()], 'src/boot/entities.ts'],
  ] as const;
  for (const [kind, all, list, place] of kinds) {
    for (const one of all) {
      const times = list.filter((each) => each === one.value).length;
      if (times === 0) yield `The ${kind} ${at(one)} is written but not used: list it in ${place}.`;
      if (times > 1) yield `The ${kind} ${at(one)} is listed ${times} times in ${place}: once is enough.`;
    }
  }
}

function* tables({ projections, entities, tables: existing }: Wired): Generator<string> {
  const owners = new Map<string, string>();
  for (const { name, tables: own } of projections) {
    for (const table of own) {
      const other = owners.get(table);
      if (other !== undefined)
        yield `The table ${table} is written by the projections "${other}" and "${name}": a rebuild of one would lose what the other wrote; give it to one of them.`;
      owners.set(table, name);
      if (!entities.has(table))
        yield `The table ${table} of the projection "${name}" has no entity: write a class with @Entity('${table}') and list it in src/boot/entities.ts.`;
      if (!existing.has(table))
        yield `The table ${table} of the projection "${name}" is not in the database: make it in a migration, and list that in migrations/index.ts.`;
    }
  }
  for (const [table, entity] of entities) {
    if (!owners.has(table))
      yield `No projection owns the table ${table} of ${entity.name}: name it in the \`tables\` of the one that writes it.`;
  }
}

function classesOf(instances: readonly object[]): unknown[] {
  return instances.map((instance) => instance.constructor);
}

function at({ name, file }: { name: string; file: string }): string {
  return `${name} (${file})`;
}

function namesOf(all: readonly { name: string }[]): string {
  return all.map(({ name }) => name).join(', ');
}
