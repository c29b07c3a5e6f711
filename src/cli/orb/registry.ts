// The orb registry of a server's database, for commands that work beside the server or without it.
import type { DataSource } from 'typeorm';
import { orbSources } from '../../boot/compiler.module.js';
import { sizeBounds } from '../../boot/size-bounds.js';
import { addProjections } from '../../boot/followers.js';
import { compileOrb, type CompileOrbInput } from '../../pipelines/config/index.js';
import { OrbPublishing } from '../../pipelines/index.js';
import { systemClock } from '../../platform/clock/clock.js';
import { requestContext, SYSTEM } from '../../platform/commands/command-context.js';
import { Aggregates, type CommandContext } from '../../platform/event-store/aggregates.js';
import type { AppendResult } from '../../platform/event-store/event-store.port.js';
import { withPlatform } from '../platform.js';

export interface OpenedRegistry {
  publishing: OrbPublishing;
  aggregates: Aggregates;
  database: DataSource;
  /** Of one command. */
  context: CommandContext;
  /** Waits until the tables have what a command recorded: it must be found by whoever compiles next. */
  settle(outcome: { appended: AppendResult } | { nothing: string }): Promise<void>;
}

const SETTLE_LIMIT_MS = 30_000;

/** The tables follow the log here when no server runs, and in the server when one does. */
export async function withRegistry(work: (registry: OpenedRegistry) => Promise<void>): Promise<void> {
  await withPlatform(async ({ settings, store, database, followers }) => {
    const aggregates = new Aggregates(store);
    const orbs = orbSources(database, settings, systemClock);
    const compiler = {
      compileOrb: (input: CompileOrbInput) => compileOrb({ ...sizeBounds(settings), ...input }),
    };
    addProjections(followers);
    followers.start();
    try {
      // What an earlier command recorded may not be in the tables yet.
      await followers.caughtUp(await store.head(), ['OrbVersionPublished'], SETTLE_LIMIT_MS);
      await work({
        publishing: new OrbPublishing(aggregates, compiler, orbs, systemClock),
        aggregates,
        database,
        context: requestContext(SYSTEM),
        settle: async (outcome) => {
          if (!('appended' in outcome)) return;
          const types = ['OrbVersionPublished', 'UrlOrbPrefixAllowed'];
          await followers.caughtUp(outcome.appended.position, types, SETTLE_LIMIT_MS);
        },
      });
    } finally {
      await followers.stop();
    }
  });
}
