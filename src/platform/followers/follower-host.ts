// Runs projections and process managers: each behind a leader lock, from its checkpoint, for as long as the process lives.
import { setMaxListeners } from 'node:events';
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import {
  type EventStore,
  type LogPosition,
  type RecordedEvent,
  type Subscription,
} from '../event-store/event-store.port.js';
import type { Logger } from '../telemetry/logger.js';
import { followerPool, readCheckpoint, saveCheckpoints } from './checkpoints.js';
import type { ProcessManager, ProjectedListener, Projection } from './follower.types.js';
import { LeaderLocks, pause } from './leader-lock.js';
import { CheckpointMovedError, ProjectionGroup } from './projection-group.js';

const CHECKPOINT_EVERY_MS = 200;

export class FollowerHost {
  private readonly projections = new Map<string, Projection>();
  private readonly managers = new Map<string, ProcessManager>();
  private readonly positions = new Map<string, LogPosition>();
  private readonly listeners = new Set<ProjectedListener>();
  private readonly waiters = new Set<() => void>();
  private readonly running: Promise<void>[] = [];
  /** Places of process managers that are not stored yet. */
  private readonly unsaved = new Map<string, LogPosition>();
  private saving: NodeJS.Timeout | undefined;
  private stopped: Promise<void> | undefined;
  private readonly abort = new AbortController();
  private readonly locks: LeaderLocks;
  private readonly pool: Pool;

  constructor(
    private readonly store: EventStore,
    private readonly database: DataSource,
    databaseUrl: string,
    private readonly logger: Logger,
  ) {
    this.locks = new LeaderLocks(databaseUrl, logger);
    this.pool = followerPool(databaseUrl);
    this.pool.on('error', (error) => logger.warn({ err: error }, 'a connection of the followers was lost'));
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
    const projections = [...this.projections.values()];
    this.lead('projections', projections, (signal) => this.followProjections(projections, signal));
    for (const manager of this.managers.values())
      this.lead(manager.name, [manager], (signal) => this.followManager(manager, signal));
    this.saving = setInterval(() => void this.save(), CHECKPOINT_EVERY_MS);
  }

  stop(): Promise<void> {
    return (this.stopped ??= this.end());
  }

  private async end(): Promise<void> {
    this.abort.abort();
    clearInterval(this.saving);
    await Promise.all(this.running);
    await this.locks.close();
    await this.pool.end();
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
  private lead(
    name: string,
    followers: readonly { name: string }[],
    follow: (signal: AbortSignal) => Promise<void>,
  ): void {
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
          for (const follower of followers) this.positions.delete(follower.name);
        }
        this.abort.signal.removeEventListener('abort', stop);
      }
    };
    this.running.push(life());
  }

  /** Follows with all of them at once; one that keeps failing goes on by itself, tried again with growing pauses. */
  private async followProjections(projections: readonly Projection[], signal: AbortSignal): Promise<void> {
    const ending = new AbortController();
    const term = AbortSignal.any([signal, ending.signal]);
    const alone: Promise<void>[] = [];
    const group = new ProjectionGroup({
      projections,
      database: this.database,
      pool: this.pool,
      onProjected: (name, events) => this.listeners.forEach((listener) => listener(name, events)),
      onFailing: (projection, error) => {
        this.logger.error(
          { err: error, follower: projection.name },
          'a projection fails and goes on by itself',
        );
        alone.push(this.followProjections([projection], term));
      },
    });
    try {
      while (!term.aborted) await this.followGroup(group, term);
    } finally {
      ending.abort();
      await Promise.allSettled(alone);
    }
  }

  /** Until the signal is aborted, a checkpoint was moved or a member was taken out. */
  private async followGroup(group: ProjectionGroup, signal: AbortSignal): Promise<void> {
    const from = await group.open();
    const changed = new AbortController();
    await this.subscribe(group, from, AbortSignal.any([signal, changed.signal]), async (events, next) => {
      const before = group.names.length;
      try {
        await group.take(events, next);
      } catch (error) {
        if (!(error instanceof CheckpointMovedError)) throw error;
        return changed.abort();
      }
      if (group.names.length < before) changed.abort();
    });
  }

  private async followManager(manager: ProcessManager, signal: AbortSignal): Promise<void> {
    const stored = await readCheckpoint(this.database.manager, manager.name);
    try {
      await this.subscribe({ ...manager, names: [manager.name] }, stored, signal, async (events, next) => {
        for (const event of events) await manager.react(event);
        this.unsaved.set(manager.name, next);
      });
    } finally {
      await this.save();
    }
  }

  /** Notes where the process managers stand. */
  private async save(): Promise<void> {
    if (this.unsaved.size === 0) return;
    const places = new Map(this.unsaved);
    this.unsaved.clear();
    await saveCheckpoints(this.pool, places).catch((error: unknown) => {
      for (const [name, position] of places) if (!this.unsaved.has(name)) this.unsaved.set(name, position);
      this.logger.warn({ err: error }, 'could not save the checkpoints of process managers');
    });
  }

  /** Follows until the signal is aborted; a batch that fails is handed over again by the store. */
  private async subscribe(
    follower: { names: readonly string[]; eventTypes: readonly string[] },
    from: LogPosition,
    signal: AbortSignal,
    handle: (events: RecordedEvent[], next: LogPosition) => Promise<void>,
  ): Promise<void> {
    const reached = (position: LogPosition): void => {
      for (const name of follower.names) this.positions.set(name, position);
    };
    reached(from);
    const subscription: Subscription = this.store.subscribe({
      from,
      filter: { types: follower.eventTypes },
      handle: async (events, next) => {
        if (signal.aborted) return;
        await handle(events, next);
        if (signal.aborted) return;
        reached(next);
        [...this.waiters].forEach((wake) => wake());
      },
      onError: (error) =>
        this.logger.error(
          { err: error, followers: follower.names },
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
