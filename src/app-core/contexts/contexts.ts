// What one can do with contexts, for every edge: make, find, fill, delete. Values go in, and come out for jobs only.
import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { findRow, findRows } from '../../platform/database/rows.js';
import { ConflictError, NotFoundError } from '../../platform/errors/errors.js';
import type { CommandContext } from '../../platform/event-store/aggregates.js';
import { FollowerHost } from '../../platform/followers/follower-host.js';
import { nameId } from '../../platform/ids/ids.js';
import type { SecretCipher } from '../../platform/secrets/secret-cipher.port.js';
import { SECRET_CIPHER } from '../../platform/tokens.js';
import { OnContext } from './context.commands.js';
import type { ContextCommand } from './context.decider.js';
import { ContextEntity, ContextVariableEntity } from './context.entity.js';
import { checkVariableName, checkVariableValue, masked } from './variable-name.js';

export interface ShownVariable {
  name: string;
  /** The value with most of it hidden. */
  masked: string;
  createdAt: Date;
  updatedAt: Date;
}

/** LANGUAGE C-340. */
const MOST_CONTEXTS = 500;

@Injectable()
export class Contexts {
  constructor(
    private readonly commands: CommandBus,
    private readonly database: DataSource,
    private readonly followers: FollowerHost,
    @Inject(SECRET_CIPHER) private readonly cipher: SecretCipher,
  ) {}

  /** Throws ConflictError when the organization has one of this name, or 500 of them. */
  async create(organizationId: string, name: string, context: CommandContext): Promise<ContextEntity> {
    const [{ count }] = await this.database.query(
      'SELECT count(*)::int AS count FROM context WHERE organization_id = $1',
      [organizationId],
    );
    if (count >= MOST_CONTEXTS)
      throw new ConflictError('CONTEXT.TOO_MANY', `An organization has at most ${MOST_CONTEXTS} contexts.`);
    const contextId = nameId('context', `${organizationId}/${name}`);
    await this.give({ type: 'CreateContext', contextId, organizationId, name }, context);
    return this.get(contextId);
  }

  async delete(contextId: string, context: CommandContext): Promise<void> {
    await this.give({ type: 'DeleteContext', contextId }, context);
  }

  async get(contextId: string): Promise<ContextEntity> {
    const found = await findRow(this.database, ContextEntity, { id: contextId });
    if (!found) throw new NotFoundError('CONTEXT.NOT_FOUND', 'Context not found.');
    return found;
  }

  /** By name; those whose name has `part` in it, behind the name `after`. */
  list(organizationId: string, part: string, after: string, limit: number): Promise<ContextEntity[]> {
    return this.database.query(
      `SELECT id, organization_id AS "organizationId", name, created_at AS "createdAt" FROM context
       WHERE organization_id = $1 AND name > $2 AND position(lower($3) IN lower(name)) > 0 ORDER BY name LIMIT $4`,
      [organizationId, after, part, limit],
    );
  }

  /** Stores a variable, new or not. Throws InvalidInputError for a name or value that will not do. */
  async store(
    contextId: string,
    name: string,
    value: string,
    context: CommandContext,
  ): Promise<ShownVariable> {
    checkVariableName(name);
    checkVariableValue(value);
    const sealed = await this.cipher.seal(value, contextVariablePurpose(contextId, name));
    await this.give({ type: 'StoreContextVariable', contextId, name, sealed }, context);
    const stored = (await this.variables(contextId)).find((variable) => variable.name === name);
    if (!stored) throw new ConflictError('CONTEXT.VARIABLE_GONE', 'The variable was removed again.');
    return stored;
  }

  /** Nothing happens when there is no such variable. */
  async remove(contextId: string, name: string, context: CommandContext): Promise<void> {
    await this.give({ type: 'RemoveContextVariable', contextId, name }, context);
  }

  /** The variables of a context by name; there are at most 100. */
  async variables(contextId: string): Promise<ShownVariable[]> {
    const rows = await findRows(this.database, ContextVariableEntity, { contextId }, { orderBy: ['name'] });
    return Promise.all(
      rows.map(async ({ name, sealed, createdAt, updatedAt }) => ({
        name,
        masked: masked(await this.cipher.open(sealed, contextVariablePurpose(contextId, name))),
        createdAt,
        updatedAt,
      })),
    );
  }

  /** For jobs: what these contexts hold, a later one over an earlier (LANGUAGE C-339). Unknown names are left out. */
  async values(organizationId: string, names: readonly string[]): Promise<Record<string, string>> {
    const values: Record<string, string> = {};
    for (const { id } of await this.known(organizationId, names)) {
      for (const { name, sealed } of await findRows(this.database, ContextVariableEntity, { contextId: id }))
        values[name] = await this.cipher.open(sealed, contextVariablePurpose(id, name));
    }
    return values;
  }

  /** The names that no context of the organization has. */
  async missing(organizationId: string, names: readonly string[]): Promise<string[]> {
    const known = new Set((await this.known(organizationId, names)).map(({ name }) => name));
    return names.filter((name) => !known.has(name));
  }

  /** In the order of the names. */
  private async known(organizationId: string, names: readonly string[]): Promise<ContextEntity[]> {
    if (names.length === 0) return [];
    return this.database.query(
      `SELECT c.id, c.name FROM context c JOIN unnest($2::text[]) WITH ORDINALITY AS n (name, place) USING (name)
       WHERE c.organization_id = $1 ORDER BY n.place`,
      [organizationId, names],
    );
  }

  private async give(command: ContextCommand, context: CommandContext): Promise<void> {
    const outcome = await this.commands.execute(new OnContext(command, context));
    if ('appended' in outcome)
      await this.followers.caughtUp(
        outcome.appended.position,
        outcome.events.map(({ type }) => type),
      );
  }
}

/** What a value of a context is sealed as. */
export function contextVariablePurpose(contextId: string, name: string): string {
  return `context/${contextId}/${name}`;
}
