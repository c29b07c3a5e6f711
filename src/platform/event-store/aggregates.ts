// Runs commands on aggregates: load, decide, append, and decide again when somebody else was faster.
import { derivedId } from '../ids/ids.js';
import type { Decider } from './decider.js';
import {
  WrongExpectedRevisionError,
  type AppendResult,
  type EventMetadata,
  type EventStore,
  type NewEvent,
} from './event-store.port.js';

export interface CommandContext extends EventMetadata {
  /** Events of this command get ids derived from it, so a command that is repeated after a crash records nothing twice. */
  commandId: string;
  /**
   * The command is about work that somebody else began, e.g. an agent's report on its task: its events belong to the
   * chain of the stream's first event, and `correlationId` only counts while there is none.
   */
  joins?: boolean;
}

/** What a command came to. */
export type Outcome<State, E extends NewEvent> =
  { events: readonly E[]; state: State; appended: AppendResult } | { nothing: string; state: State };

const MAX_TRIES = 20;
const CACHED_STREAMS = 2000;

interface Loaded<State = unknown> {
  state: State;
  revision: number;
  /** Of the stream's first event; undefined when there is none. */
  correlationId: string | undefined;
}

export class Aggregates {
  /** States of streams used lately; only a hint, since append checks the revision. */
  private readonly cache = new Map<string, Loaded>();

  constructor(private readonly store: EventStore) {}

  /**
   * Decides a command on the present state of a stream and appends what follows. Throws what `decide` throws;
   * WrongExpectedRevisionError only when 20 attempts in a row lost the race.
   *
   * `begins`: this command is usually the stream's first. It is then decided on the initial state without a look at the
   * stream, which is only looked at when it turns out to have events.
   */
  async execute<Command, State, E extends NewEvent>(
    decider: Decider<Command, State, E>,
    stream: string,
    command: Command,
    context: CommandContext,
    { begins = false }: { begins?: boolean } = {},
  ): Promise<Outcome<State, E>> {
    if (begins && !this.cache.has(stream))
      this.remember(stream, { state: decider.initialState(), revision: -1, correlationId: undefined });
    for (let attempt = 1; ; attempt += 1) {
      const { state, revision, correlationId } = await this.load(decider, stream, attempt > 1);
      // A cached state may be old, and then a refusal or "nothing to do" may be wrong: look again at the stream itself.
      const isHint = attempt === 1 && this.cache.has(stream);
      const decision = attemptTo(() => decider.decide(command, state));
      if ('refused' in decision || 'nothing' in decision) {
        this.cache.delete(stream);
        if (isHint) continue;
        if ('refused' in decision) throw decision.refused;
        return { nothing: decision.nothing, state };
      }
      const events = decision.events.map((e, index) => ({
        ...e,
        id: derivedId(context.commandId, stream, index),
      }));
      try {
        const expected = revision === -1 ? 'none' : revision;
        const metadata = context.joins && correlationId ? { ...context, correlationId } : context;
        const appended = await this.store.append(stream, expected, events, metadata);
        const next = decision.events.reduce((s, e) => decider.evolve(s, e), state);
        const known = {
          state: next,
          revision: appended.revision,
          correlationId: correlationId ?? metadata.correlationId,
        };
        this.remember(stream, appended.repeated ? undefined : known);
        return { events: events as unknown as readonly E[], state: next, appended };
      } catch (error) {
        this.cache.delete(stream);
        if (!(error instanceof WrongExpectedRevisionError) || attempt >= MAX_TRIES) throw error;
      }
    }
  }

  /** The present state of a stream, the revision of its last event (-1 when there is none) and its chain. */
  async load<Command, State, E extends NewEvent>(
    decider: Decider<Command, State, E>,
    stream: string,
    fresh = true,
  ): Promise<Loaded<State>> {
    const known = fresh ? undefined : (this.cache.get(stream) as Loaded<State> | undefined);
    if (known) return known;
    const events = await this.store.readStream(stream);
    const state = events.reduce((s, e) => decider.evolve(s, e as unknown as E), decider.initialState());
    return {
      state,
      revision: events.at(-1)?.revision ?? -1,
      correlationId: events[0]?.metadata.correlationId,
    };
  }

  private remember(stream: string, loaded: Loaded | undefined): void {
    this.cache.delete(stream);
    if (!loaded) return;
    this.cache.set(stream, loaded);
    if (this.cache.size > CACHED_STREAMS) this.cache.delete(this.cache.keys().next().value!);
  }
}

function attemptTo<T>(decide: () => T): T | { refused: unknown } {
  try {
    return decide();
  } catch (error) {
    return { refused: error };
  }
}
