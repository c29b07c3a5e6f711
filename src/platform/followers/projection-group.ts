// All projections of a process take a batch of the log in one transaction. One transaction for each of them cost more than
// what they wrote: a pipeline of one small job is some twenty batches for four projections.
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import type { RowWriter } from '../database/rows.js';
import { LOG_START, type LogPosition, type RecordedEvent } from '../event-store/event-store.port.js';
import { inCheckpointTransaction, type Checkpoints } from './checkpoints.js';
import type { Projection, ProjectedListener } from './follower.types.js';

/** A stored checkpoint is not where this group left it: a rebuild moved it. Start again from the stored places. */
export class CheckpointMovedError extends Error {}

/** How often members for which nothing came are noted as having seen the log so far. */
const IDLE_NOTED_EVERY_MS = 500;
/** One of several that fails so often on one batch, while the database answers, is taken out: it must not hold up the others. */
const FAILURES_ALLOWED = 3;

export interface ProjectionGroupOptions {
  projections: readonly Projection[];
  database: DataSource;
  /** See followerPool(). */
  pool: Pool;
  /** Told after the commit. */
  onProjected: ProjectedListener;
  /** Told of a member that was taken out; it stands where its checkpoint says. */
  onFailing(projection: Projection, error: unknown): void;
}

export class ProjectionGroup {
  private members: Projection[];
  /** What is stored, as far as is known here. */
  private readonly saved = new Map<string, LogPosition>();
  private readonly failures = new Map<string, number>();
  private idleNotedAt = performance.now();

  constructor(private readonly options: ProjectionGroupOptions) {
    this.members = [...options.projections];
  }

  get names(): string[] {
    return this.members.map(({ name }) => name);
  }

  /** The types of events that any member takes. */
  get eventTypes(): string[] {
    return [...new Set(this.members.flatMap(({ eventTypes }) => eventTypes))];
  }

  /** Reads where the members stand; resolves with the lowest place. */
  async open(): Promise<LogPosition> {
    const rows: { name: string; position: string }[] = await this.options.database.query(
      'SELECT name, position FROM follower_checkpoint WHERE name = ANY($1)',
      [this.names],
    );
    this.saved.clear();
    for (const name of this.names) this.saved.set(name, LOG_START);
    for (const { name, position } of rows) this.saved.set(name, position);
    return [...this.saved.values()].sort()[0] ?? LOG_START;
  }

  /**
   * Has every member take those of the events that it has not taken yet. Throws CheckpointMovedError when a checkpoint is
   * elsewhere; throws what a member threw, and is then called again with the same events.
   */
  async take(events: readonly RecordedEvent[], next: LogPosition): Promise<void> {
    const due = this.members.map((member) => ({ member, events: this.eventsFor(member, events) }));
    const busy = due.filter(({ events }) => events.length > 0);
    const notesIdle = performance.now() - this.idleNotedAt >= IDLE_NOTED_EVERY_MS;
    const taking = notesIdle ? due : busy;
    if (taking.length === 0) return;
    try {
      await this.project(taking, next);
    } catch (error) {
      if (error instanceof CheckpointMovedError || busy.length === 0) throw error;
      await this.projectEach(busy, next);
    }
    if (notesIdle) this.idleNotedAt = performance.now();
    this.failures.clear();
  }

  private eventsFor({ name, eventTypes }: Projection, events: readonly RecordedEvent[]): RecordedEvent[] {
    const saved = this.saved.get(name)!;
    return events.filter(({ type, position }) => position > saved && eventTypes.includes(type));
  }

  private async project(taking: { member: Projection; events: RecordedEvent[] }[], next: LogPosition) {
    const names = taking.map(({ member }) => member.name);
    const work = async (db: RowWriter, stored: Checkpoints): Promise<Checkpoints> => {
      if (names.some((name) => stored.get(name) !== this.saved.get(name))) throw new CheckpointMovedError();
      for (const { member, events } of taking) if (events.length > 0) await member.project(events, db);
      return this.forward(names, next);
    };
    await inCheckpointTransaction(this.options.pool, this.options.database, names, work);
    for (const [name, position] of this.forward(names, next)) this.saved.set(name, position);
    for (const { member, events } of taking)
      if (events.length > 0) this.options.onProjected(member.name, events);
  }

  /** A member that a rebuild has carried beyond `next` stays there. */
  private forward(names: string[], next: LogPosition): Checkpoints {
    return new Map(names.filter((name) => this.saved.get(name)! < next).map((name) => [name, next]));
  }

  /** One transaction for each, so that those that work get on; those that keep failing are taken out. */
  private async projectEach(busy: { member: Projection; events: RecordedEvent[] }[], next: LogPosition) {
    let failure: { error: unknown } | undefined;
    for (const each of busy) {
      const { name } = each.member;
      try {
        await this.project([each], next);
      } catch (error) {
        if (error instanceof CheckpointMovedError) throw error;
        await this.options.database.query('SELECT 1');
        const failures = (this.failures.get(name) ?? 0) + 1;
        this.failures.set(name, failures);
        if (failures < FAILURES_ALLOWED || this.members.length === 1) failure ??= { error };
        else this.takeOut(each.member, error);
      }
    }
    if (failure) throw failure.error;
  }

  private takeOut(member: Projection, error: unknown): void {
    this.members = this.members.filter((each) => each !== member);
    this.saved.delete(member.name);
    this.failures.delete(member.name);
    this.options.onFailing(member, error);
  }
}
