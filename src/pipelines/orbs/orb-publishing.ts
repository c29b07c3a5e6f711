// Puts versions into the registry, each after it was compiled. What an orb imports is settled here for ever.
import type { Clock } from '../../platform/clock/clock.js';
import { InvalidInputError, NotFoundError } from '../../platform/errors/errors.js';
import { Aggregates, type CommandContext, type Outcome } from '../../platform/event-store/aggregates.js';
import { derivedId, nameId } from '../../platform/ids/ids.js';
import type { CompilerPool, OrbResolver } from '../config/index.js';
import { parseVersion } from '../config/orbs/reference.js';
import { errorLines } from '../config/problems/lines.js';
import { namespaceDecider } from './namespace.decider.js';
import { orbDecider, type NextVersion, type OrbCommand, type OrbState } from './orb.decider.js';
import type { OrbEvent, OrbSource } from './orb.events.js';

export type OrbOutcome = Outcome<OrbState, OrbEvent>;

/** Ids follow names, so that two orbs cannot have one name. */
export function orbIdOf(name: string): string {
  return nameId('orb', name);
}

export class OrbPublishing {
  constructor(
    private readonly aggregates: Aggregates,
    private readonly compiler: Pick<CompilerPool, 'compileOrb'>,
    private readonly orbs: { for(organizationId: string | undefined): OrbResolver },
    private readonly clock: Clock,
  ) {}

  /** Throws NotFoundError when there is no such namespace, and what the orb's rules refuse. */
  async create(name: string, isPrivate: boolean, context: CommandContext): Promise<OrbOutcome> {
    const namespace = name.split('/')[0] ?? '';
    const { state } = await this.aggregates.load(namespaceDecider, `namespace-${namespace}`);
    if (!state.created)
      throw new NotFoundError('NAMESPACE.NOT_FOUND', `Namespace ${namespace} does not exist.`);
    return this.on({ type: 'CreateOrb', orbId: orbIdOf(name), namespace, name, isPrivate }, context);
  }

  /**
   * Publishes `dev:LABEL`, a whole version or the next one. Throws InvalidInputError with the compiler's lines for an
   * orb that does not compile.
   */
  async publish(
    name: string,
    version: string | Extract<NextVersion, { increment: string }>,
    source: string,
    context: CommandContext,
  ): Promise<OrbOutcome> {
    const orbId = orbIdOf(name);
    const dev = typeof version === 'string' ? devLabel(version) : undefined;
    const compiled = await this.compiled(name, source);
    if (dev !== undefined) {
      const now = this.clock.now().toISOString();
      return this.on({ type: 'PublishDevVersion', orbId, label: dev, now, ...compiled }, context);
    }
    const next = typeof version === 'string' ? { version } : version;
    return this.on({ type: 'PublishOrbVersion', orbId, next, ...compiled }, context);
  }

  async promote(
    name: string,
    label: string,
    next: NextVersion,
    context: CommandContext,
  ): Promise<OrbOutcome> {
    const now = this.clock.now().toISOString();
    return this.on({ type: 'PromoteDevVersion', orbId: orbIdOf(name), label, next, now }, context);
  }

  /**
   * Takes a version over from another registry, with its namespace and orb when they are not there yet. `settled` are its
   * imports where they are known; else they mean what they mean now.
   */
  async import(
    name: string,
    version: string,
    source: string,
    context: CommandContext,
    settled?: Record<string, string>,
  ): Promise<OrbOutcome> {
    const namespace = name.split('/')[0] ?? '';
    const orbId = orbIdOf(name);
    const compiled = settled ? { source, dependencies: settled } : await this.compiled(name, source);
    const { state } = await this.aggregates.load(namespaceDecider, `namespace-${namespace}`);
    if (!state.created) {
      const command = { type: 'CreateNamespace', name: namespace } as const;
      await this.aggregates.execute(namespaceDecider, `namespace-${namespace}`, command, context);
    }
    const known = await this.aggregates.load(orbDecider, `orb-${orbId}`);
    if (!known.state.facts) {
      // Ids of events follow the command's: two commands on one stream need two.
      const creating = { ...context, commandId: derivedId(context.commandId, 'create') };
      await this.on({ type: 'CreateOrb', orbId, namespace, name, isPrivate: false }, creating);
    }
    const dev = devLabel(version);
    if (dev === undefined) {
      return this.on({ type: 'ImportOrbVersion', orbId, version, ...compiled }, context);
    }
    const now = this.clock.now().toISOString();
    return this.on({ type: 'PublishDevVersion', orbId, label: dev, now, ...compiled }, context);
  }

  private on(command: OrbCommand, context: CommandContext): Promise<OrbOutcome> {
    return this.aggregates.execute(orbDecider, `orb-${command.orbId}`, command, context);
  }

  private async compiled(name: string, source: string): Promise<OrbSource> {
    const namespace = name.split('/')[0] ?? '';
    const { state } = await this.aggregates.load(namespaceDecider, `namespace-${namespace}`);
    const orbs = this.orbs.for(state.organizationId);
    const result = await this.compiler.compileOrb({ source, orbs });
    if (result.ok) return { source, dependencies: result.dependencies };
    throw new InvalidInputError('ORB.INVALID', errorLines(result.errors).join('\n'));
  }
}

/** The label of `dev:LABEL`. */
function devLabel(version: string): string | undefined {
  const spec = parseVersion(version);
  if (spec?.kind === 'dev') return spec.label;
  return version.startsWith('dev:') ? version.slice('dev:'.length) : undefined;
}
