// Runs projections and process managers: each behind a leader lock, from its checkpoint, for as long as the process lives.
import { setMaxListeners } from 'node:events';
import type { DataSource } from 'typeorm';
import {
  type EventStore,
  type LogPosition,
  type RecordedEvent,
  type Subscription,
} from '../event-store/event-store.port.js';
import type { Logger } from '../telemetry/logger.js';
import { inCheckpointTransaction, readCheckpoint, writeCheckpoint } from './checkpoints.js';
import type { ProcessManager, ProjectedListener, Projection } from './follower.types.js';
import { LeaderLocks, pause } from './leader-lock.js';

/** The stored checkpoint is not where this follower left it: a rebuild moved it. Start again from there. */
class CheckpointMovedError extends Error {}

const CHECKPOINT_EVERY_MS = 200;

export class FollowerHost {
  private readonly projections = new Map<string, Projection>();
  private readonly managers = new Map<string, ProcessManager>();
  private readonly positions = new Map<string, LogPosition>();
  private readonly listeners = new Set<ProjectedListener>();
  private readonly waiters = new Set<() => void>();
  private readonly running = new Map<string, Promise<void>>();
  private readonly abort = new AbortController();
  private readonly locks: LeaderLocks;

  constructor(
    private readonly store: EventStore,
    private readonly database: DataSource,
    databaseUrl: string,
    private readonly logger: Logger,
  ) {
    this.locks = new LeaderLocks(databaseUrl, logger);
    // One listener for each follower: no leak.
    setMaxListeners(0, this.abort.signal);
  }

  addProjection(projection: Projection): void {
    this.register(projection.name, this.projections, projection);
  }

  addProcessManager(manager: ProcessManager): void {
    this.register(manager.name, this.managers, manager);
  }

  /** The projection of this name; throws an error that lists the names there are. */
  projection(name: string): Projection {
    const found = this.projections.get(name);
    if (!found)
      throw new Error(
        `no projection is called "${name}"; there are ${[...this.projections.keys()].join(', ')}`,
      );
    return found;
  }

  projectionNames(): string[] {
    return [...this.projections.keys()];
  }

  onProjected(listener: ProjectedListener): void {
    this.listeners.add(listener);
  }

  start(): void {
    for (const projection of this.projections.values())
      this.lead(projection.name, (signal) => this.followProjection(projection, signal));
    for (const manager of this.managers.values())
      this.lead(manager.name, (signal) => this.followManager(manager, signal));
  }

  async stop(): Promise<void> {
    this.abort.abort();
    await Promise.all(this.running.values());
    await this.locks.close();
  }

  /**
   * Waits until the projections of these event types have taken in the log up to `position`, wherever they run, so
   * that a caller reads what it wrote. Gives up after `limitMs` without an error: the answer is then a little old.
   */
  async caughtUp(position: LogPosition, eventTypes: readonly string[], limitMs = 2000): Promise<void> {
    const deadline = Date.now() + limitMs;
    const names = [...this.projections.values()]
      .filter((projection) => projection.eventTypes.some((type) => eventTypes.includes(type)))
      .map((projection) => projection.name);
    while (Date.now() < deadline && !this.abort.signal.aborted) {
      const elsewhere = names.filter((name) => !this.positions.has(name));
      const here = names.filter((name) => this.positions.has(name));
      const reached = here.every((name) => this.positions.get(name)! >= position);
      if (reached && (elsewhere.length === 0 || (await this.storedReached(elsewhere, position)))) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, 25);
        const waiters = this.waiters;
        function done(): void {
          clearTimeout(timer);
          waiters.delete(done);
          resolve();
        }
        waiters.add(done);
      });
    }
  }

  private async storedReached(names: string[], position: LogPosition): Promise<boolean> {
    const rows: { n: number }[] = await this.database.query(
      'SELECT count(*)::int AS n FROM follower_checkpoint WHERE name = ANY($1) AND position >= $2',
      [names, position],
    );
    return rows[0]!.n === names.length;
  }

  private register<F extends { name: string }>(name: string, into: Map<string, F>, follower: F): void {
    if (this.projections.has(name) || this.managers.has(name))
      throw new Error(`two followers are called "${name}": rename one of them`);
    into.set(name, follower);
  }

  /** Runs `follow` whenever this process leads, again after the lead was lost or it failed. */
  private lead(name: string, follow: (signal: AbortSignal) => Promise<void>): void {
    const life = async (): Promise<void> => {
      while (!this.abort.signal.aborted) {
        const term = new AbortController();
        const stop = (): void => term.abort();
        this.abort.signal.addEventListener('abort', stop, { once: true });
        if (await this.locks.acquire(name, stop, term.signal)) {
          await follow(term.signal).catch((error: unknown) => {
            this.logger.error({ err: error, follower: name }, 'a follower stopped and starts again');
            return pause(1000, term.signal);
          });
          this.positions.delete(name);
        }
        this.abort.signal.removeEventListener('abort', stop);
      }
    };
    this.running.set(name, life());
  }

  private async followProjection(projection: Projection, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let position = await readCheckpoint(this.database.manager, projection.name);
      const moved = new AbortController();
      await this.subscribe(
        projection,
        position,
        AbortSignal.any([signal, moved.signal]),
        async (events, next) => {
          try {
            await this.projectBatch(projection, events, position, next);
          } catch (error) {
            if (!(error instanceof CheckpointMovedError)) throw error;
            return moved.abort();
          }
          position = next;
          this.listeners.forEach((listener) => listener(projection.name, events));
        },
      );
    }
  }

  private projectBatch(
    projection: Projection,
    events: RecordedEvent[],
    from: LogPosition,
    next: LogPosition,
  ): Promise<void> {
    return inCheckpointTransaction(this.database, projection.name, async (db, stored) => {
      if (stored !== from) throw new CheckpointMovedError();
      if (events.length > 0) await projection.project(events, db);
      return next;
    });
  }

  private async followManager(manager: ProcessManager, signal: AbortSignal): Promise<void> {
    let stored = await readCheckpoint(this.database.manager, manager.name);
    let reached = stored;
    const save = async (): Promise<void> => {
      if (stored === reached) return;
      const position = reached;
      await this.database.transaction(async (db) => {
        await db.query('SET LOCAL synchronous_commit = off');
        await writeCheckpoint(db, manager.name, position);
      });
      stored = position;
    };
    const timer = setInterval(() => void save().catch(() => undefined), CHECKPOINT_EVERY_MS);
    try {
      await this.subscribe(manager, stored, signal, async (events, next) => {
        for (const event of events) await manager.react(event);
        reached = next;
      });
    } finally {
      clearInterval(timer);
      await save().catch((error: unknown) =>
        this.logger.warn({ err: error, follower: manager.name }, 'could not save the checkpoint'),
      );
    }
  }

  /** Follows until the signal is aborted; a batch that fails is handed over again by the store. */
  private async subscribe(
    follower: { name: string; eventTypes: readonly string[] },
    from: LogPosition,
    signal: AbortSignal,
    handle: (events: RecordedEvent[], next: LogPosition) => Promise<void>,
  ): Promise<void> {
    this.positions.set(follower.name, from);
    const subscription: Subscription = this.store.subscribe({
      from,
      filter: { types: follower.eventTypes },
      handle: async (events, next) => {
        if (signal.aborted) return;
        await handle(events, next);
        this.positions.set(follower.name, next);
        [...this.waiters].forEach((wake) => wake());
      },
      onError: (error) =>
        this.logger.error(
          { err: error, follower: follower.name },
          'a follower failed on a batch and tries it again',
        ),
    });
    await new Promise<void>((resolve) => {
      if (signal.aborted) return resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await subscription.stop();
  }
}
