// What one can do with the variables of a project. Values go in, and come out for jobs only.
import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { findRow, findRows } from '../../platform/database/rows.js';
import { NotFoundError } from '../../platform/errors/errors.js';
import type { CommandContext } from '../../platform/event-store/aggregates.js';
import { FollowerHost } from '../../platform/followers/follower-host.js';
import type { SecretCipher } from '../../platform/secrets/secret-cipher.port.js';
import { SECRET_CIPHER } from '../../platform/tokens.js';
import { checkVariableName, checkVariableValue, masked } from '../contexts/variable-name.js';
import { OnProjectVariable } from './project-variable.commands.js';
import type { ProjectVariableCommand } from './project-variable.decider.js';
import { ProjectVariableEntity } from './project-variable.entity.js';

export interface ShownProjectVariable {
  name: string;
  /** The value with most of it hidden. */
  masked: string;
  createdAt: Date;
}

@Injectable()
export class ProjectVariables {
  constructor(
    private readonly commands: CommandBus,
    private readonly database: DataSource,
    private readonly followers: FollowerHost,
    @Inject(SECRET_CIPHER) private readonly cipher: SecretCipher,
  ) {}

  /** Stores a variable, new or not. Throws InvalidInputError for a name or value that will not do. */
  async store(
    projectId: string,
    name: string,
    value: string,
    context: CommandContext,
  ): Promise<ShownProjectVariable> {
    checkVariableName(name);
    checkVariableValue(value);
    const sealed = await this.cipher.seal(value, projectVariablePurpose(projectId, name));
    await this.give({ type: 'StoreProjectVariable', projectId, name, sealed }, context);
    return this.get(projectId, name);
  }

  /** Throws NotFoundError when there is none. */
  async remove(projectId: string, name: string, context: CommandContext): Promise<void> {
    await this.give({ type: 'RemoveProjectVariable', projectId, name }, context);
  }

  /** Throws NotFoundError when there is none. */
  async get(projectId: string, name: string): Promise<ShownProjectVariable> {
    const row = await findRow(this.database, ProjectVariableEntity, { projectId, name });
    if (!row) throw new NotFoundError('PROJECT.VARIABLE_NOT_FOUND', 'Environment variable not found.');
    return this.shown(row);
  }

  /** All of them by name; there are at most 1000. */
  async list(projectId: string): Promise<ShownProjectVariable[]> {
    const rows = await findRows(this.database, ProjectVariableEntity, { projectId }, { orderBy: ['name'] });
    return Promise.all(rows.map((row) => this.shown(row)));
  }

  /** For jobs. */
  async values(projectId: string): Promise<Record<string, string>> {
    const values: Record<string, string> = {};
    for (const { name, sealed } of await findRows(this.database, ProjectVariableEntity, { projectId }))
      values[name] = await this.cipher.open(sealed, projectVariablePurpose(projectId, name));
    return values;
  }

  private async shown({ projectId, name, sealed, createdAt }: ProjectVariableEntity) {
    const value = await this.cipher.open(sealed, projectVariablePurpose(projectId, name));
    return { name, masked: masked(value), createdAt };
  }

  private async give(command: ProjectVariableCommand, context: CommandContext): Promise<void> {
    const outcome = await this.commands.execute(new OnProjectVariable(command, context));
    if ('appended' in outcome)
      await this.followers.caughtUp(
        outcome.appended.position,
        outcome.events.map(({ type }) => type),
      );
  }
}

/** What a value of a project is sealed as. */
export function projectVariablePurpose(projectId: string, name: string): string {
  return `project/${projectId}/${name}`;
}
