// Commands on the orb registry.
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Aggregates, type CommandContext, type Outcome } from '../../platform/event-store/aggregates.js';
import { namespaceDecider, type NamespaceCommand, type NamespaceState } from './namespace.decider.js';
import type { NamespaceEvent } from './namespace.events.js';
import { OrbPublishing, type OrbOutcome } from './orb-publishing.js';
import { orbDecider, type NextVersion, type OrbCommand } from './orb.decider.js';
import {
  urlOrbPrefixDecider,
  type UrlOrbPrefixCommand,
  type UrlOrbPrefixState,
} from './url-orb-prefix.decider.js';
import type { UrlOrbPrefixEvent } from './url-orb-prefix.events.js';

export class OnNamespace extends Command<Outcome<NamespaceState, NamespaceEvent>> {
  constructor(
    readonly command: NamespaceCommand,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(OnNamespace)
export class OnNamespaceHandler implements ICommandHandler<OnNamespace> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ command, context }: OnNamespace): Promise<Outcome<NamespaceState, NamespaceEvent>> {
    return this.aggregates.execute(namespaceDecider, `namespace-${command.name}`, command, context);
  }
}

/** What needs nothing but the orb: how it is listed. */
export class OnOrb extends Command<OrbOutcome> {
  constructor(
    readonly command: Extract<OrbCommand, { type: 'ChangeOrbListing' | 'ChangeOrbCategories' }>,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(OnOrb)
export class OnOrbHandler implements ICommandHandler<OnOrb> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ command, context }: OnOrb): Promise<OrbOutcome> {
    return this.aggregates.execute(orbDecider, `orb-${command.orbId}`, command, context);
  }
}

/** Names are whole, such as `acme/tool`; `version` is whole, `dev:LABEL` or an increment. */
export type RegistryRequest =
  | { type: 'create'; name: string; isPrivate: boolean }
  | {
      type: 'publish';
      name: string;
      version: string | { increment: 'major' | 'minor' | 'patch' };
      source: string;
    }
  | { type: 'promote'; name: string; label: string; next: NextVersion }
  | { type: 'import'; name: string; version: string; source: string; settled?: Record<string, string> };

/** What needs more than the orb itself: its namespace, the compiler, the time. */
export class PublishOrb extends Command<OrbOutcome> {
  constructor(
    readonly request: RegistryRequest,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(PublishOrb)
export class PublishOrbHandler implements ICommandHandler<PublishOrb> {
  constructor(private readonly publishing: OrbPublishing) {}

  execute({ request, context }: PublishOrb): Promise<OrbOutcome> {
    switch (request.type) {
      case 'create':
        return this.publishing.create(request.name, request.isPrivate, context);
      case 'publish':
        return this.publishing.publish(request.name, request.version, request.source, context);
      case 'promote':
        return this.publishing.promote(request.name, request.label, request.next, context);
      case 'import':
        return this.publishing.import(
          request.name,
          request.version,
          request.source,
          context,
          request.settled,
        );
    }
  }
}

export class OnUrlOrbPrefix extends Command<Outcome<UrlOrbPrefixState, UrlOrbPrefixEvent>> {
  constructor(
    readonly command: UrlOrbPrefixCommand,
    readonly context: CommandContext,
  ) {
    super();
  }
}

@CommandHandler(OnUrlOrbPrefix)
export class OnUrlOrbPrefixHandler implements ICommandHandler<OnUrlOrbPrefix> {
  constructor(private readonly aggregates: Aggregates) {}

  execute({ command, context }: OnUrlOrbPrefix): Promise<Outcome<UrlOrbPrefixState, UrlOrbPrefixEvent>> {
    const stream = `urlOrbPrefixes-${command.organizationId}`;
    return this.aggregates.execute(urlOrbPrefixDecider, stream, command, context);
  }
}

export const orbCommandHandlers = [
  OnNamespaceHandler,
  OnOrbHandler,
  PublishOrbHandler,
  OnUrlOrbPrefixHandler,
];
