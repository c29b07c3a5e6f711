// What jobs get of projects and contexts, for the dispatcher.
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Settings } from '../../../config/settings.js';
import type { TaskSecrets } from '../../execution/index.js';
import { ProjectEntity } from '../../pipelines/index.js';
import { getRow } from '../../platform/database/rows.js';
import { keyIdOf, type SecretCipher } from '../../platform/secrets/secret-cipher.port.js';
import { SECRET_CIPHER, SETTINGS } from '../../platform/tokens.js';
import { ProjectVariables } from '../project-variables/project-variables.js';
import { Contexts } from './contexts.js';

@Injectable()
export class JobSecrets implements TaskSecrets {
  constructor(
    private readonly contexts: Contexts,
    private readonly projectVariables: ProjectVariables,
    private readonly database: DataSource,
    @Inject(SECRET_CIPHER) private readonly cipher: SecretCipher,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  async of(projectId: string, contexts: readonly string[]): Promise<Record<string, string>> {
    const ofProject = await this.projectVariables.values(projectId);
    if (contexts.length === 0) return ofProject;
    return { ...ofProject, ...(await this.contexts.values(await this.organizationOf(projectId), contexts)) };
  }

  async refusal(projectId: string, contexts: readonly string[]): Promise<string | undefined> {
    if (contexts.length === 0 || this.settings.missingContexts === 'empty') return undefined;
    const missing = await this.contexts.missing(await this.organizationOf(projectId), contexts);
    if (missing.length === 0) return undefined;
    const names = missing.map((name) => `"${name}"`).join(', ');
    return missing.length === 1 ? `there is no context ${names}` : `there are no contexts ${names}`;
  }

  /** Throws, with the ids, when keys of stored secrets are missing: better at the start than in a job. */
  async checkKeys(): Promise<void> {
    // One secret for each key.
    const sealed: { sealed: string }[] = await this.database.query(
      `SELECT min(sealed) AS sealed FROM (SELECT sealed FROM context_variable UNION ALL SELECT sealed FROM project_variable) s
       GROUP BY split_part(sealed, ':', 2)`,
    );
    const missing = sealed.filter((each) => !this.cipher.hasKeyOf(each.sealed));
    if (missing.length === 0) return;
    const ids = missing.map((each) => keyIdOf(each.sealed)).join(', ');
    throw new Error(
      `the key ring lacks the key ${ids}, with which secrets are sealed: put keys.json of the data directory back from the backup`,
    );
  }

  private async organizationOf(projectId: string): Promise<string> {
    return (await getRow(this.database, ProjectEntity, { id: projectId })).organizationId;
  }
}
