// The program as it is written passes its self-check, and whatever is left out of it is found and named.
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Command, CommandHandler } from '@nestjs/cqrs';
import { getMetadataArgsStorage } from 'typeorm';
import { eventTypes, type EventOf } from '../../platform/event-store/event-of.js';
import type { ProcessManager, Projection } from '../../platform/followers/follower.types.js';
import { entities } from '../entities.js';
import { processManagers, projections } from '../followers.js';
import { workHandlers } from '../work.js';
import { selfCheck, type Wired } from './self-check.js';
import { findWritten, type Class, type Written, type WrittenParts } from './written.js';

let written: WrittenParts;
let wired: Wired;
beforeAll(async () => {
  written = await findWritten();
  const tables = getMetadataArgsStorage().tables;
  wired = {
    projections: projections.map((each) => new each()),
    // Their eventTypes need none of their parts.
    processManagers: processManagers.map((each) => Reflect.construct(each, []) as ProcessManager),
    workHandlers,
    entities: new Map(
      entities.map((entity) => [tables.find(({ target }) => target === entity)!.name!, entity]),
    ),
    // That the migrations make them is seen by every start of a server.
    tables: new Set(tables.map(({ name }) => name!)),
    provides: () => true,
  };
}, 60_000);

function problemsOf(more: { written?: Partial<WrittenParts>; wired?: Partial<Wired> }): string[] {
  try {
    selfCheck({ ...written, ...more.written }, { ...wired, ...more.wired });
    return [];
  } catch (error) {
    const [first, ...problems] = (error as Error).message.split('\n  ');
    expect(first).toBe('the program is not complete:');
    return problems;
  }
}

const without = <T>(all: readonly T[], wanted: (one: T) => boolean): T[] => {
  const rest = all.filter((one) => !wanted(one));
  expect(rest.length).toBe(all.length - 1);
  return rest;
};
const of = <T>(value: T, name: string): Written<T> => ({ value, name, file: 'src/new/new.ts' });

describe('the self-check', () => {
  it('finds what is written', () => {
    const names = (all: Written<unknown>[]): string[] => all.map(({ name }) => name);
    expect(names(written.projections)).toEqual(
      expect.arrayContaining(['IdentityProjection', 'TaskProjection']),
    );
    expect(names(written.processManagers)).toEqual(
      expect.arrayContaining(['Conductor', 'TestReportProcessManager']),
    );
    expect(names(written.workHandlers)).toEqual(
      expect.arrayContaining(['CompileWorkHandler', 'SealOutputWorkHandler']),
    );
    expect(names(written.commands)).toEqual(expect.arrayContaining(['OnUser', 'OnTask', 'RerunWorkflow']));
    expect(names(written.deciders)).toEqual(expect.arrayContaining(['workflowDecider', 'identityDecider']));
    expect(names(written.events)).toEqual(expect.arrayContaining(['taskEvents', 'pipelineNumberEvents']));
    expect(names(written.entities)).toEqual(expect.arrayContaining(['StepEntity', 'ApiTokenEntity']));
    expect(written.projections.find(({ name }) => name === 'TaskProjection')?.file).toBe(
      'src/execution/tasks/task.projection.ts',
    );
  });

  it('is passed by the program', () => {
    expect(problemsOf({})).toEqual([]);
  });
});

describe('an omission is found:', () => {
  class Pause extends Command<void> {}
  @CommandHandler(Pause)
  class PauseHandler {}
  @CommandHandler(Pause)
  class OtherHandler {}
  const handler = (value: Class<object>): WrittenParts['commandHandlers'][number] => ({
    ...of(value, value.name),
    handles: Pause,
  });
  const withPause = (...handlers: Class<object>[]): Partial<WrittenParts> => ({
    commands: [...written.commands, of(Pause as Class<Command<unknown>>, 'Pause')],
    commandHandlers: [...written.commandHandlers, ...handlers.map(handler)],
  });

  it('a command without a handler', () => {
    expect(problemsOf({ written: withPause() })).toEqual([
      'Nothing handles the command Pause (src/new/new.ts): write a class with @CommandHandler(Pause).',
    ]);
    expect(problemsOf({ written: withPause(PauseHandler) })).toEqual([]);
  });

  it('a command with two handlers', () => {
    expect(problemsOf({ written: withPause(PauseHandler, OtherHandler) })).toEqual([
      'The command Pause (src/new/new.ts) has 2 handlers (PauseHandler, OtherHandler): keep one of them.',
    ]);
  });

  it('a command handler that no module provides', () => {
    const provides = (each: Class<object>): boolean => each !== PauseHandler;
    expect(problemsOf({ written: withPause(PauseHandler), wired: { provides } })).toEqual([
      'The command handler PauseHandler (src/new/new.ts) is in no module: add it to the providers of its module.',
    ]);
  });

  type Paused = EventOf<'JobPaused', object>;
  const events = (by: 'decided' | 'followed' | 'read') =>
    of(eventTypes<Paused>({ JobPaused: by }), 'pauseEvents');

  it('an event that no decider evolves', () => {
    expect(problemsOf({ written: { events: [...written.events, events('decided')] } })).toEqual([
      "No decider evolves the event JobPaused (src/new/new.ts): give the decider of its stream `events: pauseEvents` and a case in `evolve`, or declare it as 'followed' or 'read'.",
    ]);
  });

  it('an event that nobody takes in', () => {
    expect(problemsOf({ written: { events: [...written.events, events('followed')] } })).toEqual([
      "No projection and no process manager takes the event JobPaused (src/new/new.ts): name it in the eventTypes of one, or declare it as 'read'.",
    ]);
    expect(problemsOf({ written: { events: [...written.events, events('read')] } })).toEqual([]);
  });

  it('an event that two slices declare', () => {
    const twice = of(eventTypes<EventOf<'JobQueued', object>>({ JobQueued: 'read' }), 'moreEvents');
    expect(problemsOf({ written: { events: [...written.events, twice] } })).toEqual([
      'The event JobQueued is declared twice, in src/execution/jobs/job.events.ts and src/new/new.ts: rename one of them.',
    ]);
  });

  it('the events of a decider that are declared nowhere', () => {
    const problems = problemsOf({
      written: { events: without(written.events, ({ name }) => name === 'projectEvents') },
    });
    expect(problems).toEqual([
      expect.stringMatching(/^The decider projectDecider \(src\S+\) evolves the event ProjectCreated, which/),
      expect.stringMatching(
        /^The decider projectDecider \(src\S+\) evolves the event ProjectRepositoryChanged, which/,
      ),
      expect.stringMatching(/^The follower "projects" names the event ProjectCreated, which nobody declares/),
      expect.stringMatching(/^The follower "projects" names the event ProjectRepositoryChanged, which/),
    ]);
  });

  it('a follower that names an event that does not exist', () => {
    class Typo implements ProcessManager {
      readonly name = 'typo';
      readonly eventTypes = ['JobQueud'];
      react = async (): Promise<void> => undefined;
    }
    expect(problemsOf({ wired: { processManagers: [...wired.processManagers, new Typo()] } })).toEqual([
      'The follower "typo" names the event JobQueud, which nobody declares: correct its eventTypes, or write `eventTypes<...>` in the events of the slice.',
    ]);
  });

  it('a projection, a process manager, a work handler, an entity that is not listed', () => {
    const named = (name: string) => (one: object) => one.constructor.name === name;
    expect(
      problemsOf({ wired: { projections: without(wired.projections, named('PipelineProjection')) } }),
    ).toEqual([
      'The projection PipelineProjection (src/pipelines/triggers/pipeline.projection.ts) is written but not used: list it in src/boot/followers.ts.',
      'No projection owns the table pipeline of PipelineEntity: name it in the `tables` of the one that writes it.',
      'No projection owns the table pipeline_config of PipelineConfigEntity: name it in the `tables` of the one that writes it.',
    ]);
    expect(
      problemsOf({ wired: { processManagers: without(wired.processManagers, named('Conductor')) } }),
    ).toEqual([
      'The process manager Conductor (src/pipelines/conductor/conductor.process-manager.ts) is written but not used: list it in src/boot/followers.ts.',
    ]);
    expect(
      problemsOf({
        wired: { workHandlers: without(workHandlers, ({ name }) => name === 'TestReportWorkHandler') },
      }),
    ).toEqual([
      'The work handler TestReportWorkHandler (src/execution/test-results/parse-reports.work.ts) is written but not used: list it in src/boot/work.ts.',
    ]);
    const fewer = new Map([...wired.entities].filter(([table]) => table !== 'artifact'));
    expect(problemsOf({ wired: { entities: fewer } })).toEqual([
      'The entity ArtifactEntity (src/execution/artifacts/artifact.entity.ts) is written but not used: list it in src/boot/entities.ts.',
      'The table artifact of the projection "artifacts" has no entity: write a class with @Entity(\'artifact\') and list it in src/boot/entities.ts.',
    ]);
  });

  it('a table that no migration makes', () => {
    const tables = new Set([...wired.tables].filter((table) => table !== 'serial_group_ticket'));
    expect(problemsOf({ wired: { tables } })).toEqual([
      'The table serial_group_ticket of the projection "serial-groups" is not in the database: make it in a migration, and list that in migrations/index.ts.',
    ]);
  });

  it('one that is listed twice, and a table that two projections write', () => {
    const again: Projection = new (
      wired.projections.find(({ name }) => name === 'caches')!.constructor as Class<Projection>
    )();
    expect(problemsOf({ wired: { projections: [...wired.projections, again] } })).toEqual([
      'The projection CacheProjection (src/execution/caches/cache.projection.ts) is listed 2 times in src/boot/followers.ts: once is enough.',
      'The table cache is written by the projections "caches" and "caches": a rebuild of one would lose what the other wrote; give it to one of them.',
    ]);
  });
});
