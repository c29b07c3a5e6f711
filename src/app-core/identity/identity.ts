// Users and tokens: who a bearer is, and the making of new ones. A token is shown once and kept as a hash.
import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { findRow } from '../../platform/database/rows.js';
import { requestContext, SYSTEM } from '../../platform/commands/command-context.js';
import { Aggregates } from '../../platform/event-store/aggregates.js';
import type { EventStore } from '../../platform/event-store/event-store.port.js';
import { FollowerHost } from '../../platform/followers/follower-host.js';
import { nameId, newId } from '../../platform/ids/ids.js';
import { EVENT_STORE } from '../../platform/tokens.js';
import { identityDecider, type IdentityCommand } from './identity.decider.js';
import { OnUser } from './identity.commands.js';
import { ApiTokenEntity, UserEntity } from './identity.entity.js';

export interface Caller {
  userId: string;
  login: string;
  name: string;
  kind: 'user' | 'agent';
  /** Of an agent whose token is for some resource classes only. */
  resourceClasses?: string[];
}

/** How long a verified token is believed without looking again: a revoked one works this long at most. */
const BELIEVED_MS = 5_000;
const KEPT = 1_000;

@Injectable()
export class Identity {
  private readonly verified = new Map<string, { caller: Caller; until: number }>();

  constructor(
    private readonly database: DataSource,
    private readonly commands: CommandBus,
    private readonly followers: FollowerHost,
    @Inject(EVENT_STORE) private readonly store: EventStore,
  ) {}

  /** Who a token belongs to; undefined for an unknown one. */
  async verify(token: string): Promise<Caller | undefined> {
    if (token === '') return undefined;
    const hash = hashOf(token);
    const known = this.verified.get(hash);
    if (known && known.until > Date.now()) return known.caller;
    const found = await findRow(this.database, ApiTokenEntity, { hash });
    const user = found && (await findRow(this.database, UserEntity, { id: found.userId }));
    if (!found || !user) return undefined;
    const caller: Caller = {
      userId: user.id,
      login: user.login,
      name: user.name,
      kind: found.kind,
      ...(found.resourceClasses && { resourceClasses: found.resourceClasses }),
    };
    this.verified.set(hash, { caller, until: Date.now() + BELIEVED_MS });
    if (this.verified.size > KEPT) this.verified.delete(this.verified.keys().next().value!);
    return caller;
  }

  async createUser(login: string, name: string): Promise<string> {
    const userId = nameId('user', login);
    await this.commands.execute(
      new OnUser({ type: 'CreateUser', userId, login, name }, requestContext(SYSTEM)),
    );
    return userId;
  }

  /** Makes a token and waits until it works. The text is returned here and never again. */
  async issueToken(userId: string, label: string, kind: Caller['kind']): Promise<string> {
    const token = makeToken(kind);
    const command = {
      type: 'IssueApiToken',
      tokenId: newId(),
      userId,
      label,
      kind,
      hash: hashOf(token),
    } as const;
    const outcome = await this.commands.execute(new OnUser(command, requestContext(SYSTEM)));
    if ('appended' in outcome)
      await this.followers.caughtUp(outcome.appended.position, ['ApiTokenIssued'], 10_000);
    return token;
  }

  /** On the first start: the user `admin` and a token for it, which is returned; undefined later. */
  async bootstrap(): Promise<string | undefined> {
    const userId = nameId('user', 'admin');
    if ((await this.store.readStream(`user-${userId}`, 0, 1)).length > 0) return undefined;
    await this.createUser('admin', 'Administrator');
    return this.issueToken(userId, 'first start', 'user');
  }
}

/**
 * Makes a token by the event log alone, for the command line: it works once a server has taken it in.
 * @param resourceClasses those that an agent's token is good for; none: all
 * @throws InvalidInputError for a login or a resource class of the wrong form
 */
export async function issueTokenOffline(
  store: EventStore,
  login: string,
  kind: Caller['kind'],
  resourceClasses: string[] = [],
): Promise<string> {
  const aggregates = new Aggregates(store);
  const userId = nameId('user', login);
  const on = (command: IdentityCommand) =>
    aggregates.execute(identityDecider, `user-${userId}`, command, requestContext(SYSTEM));
  await on({ type: 'CreateUser', userId, login, name: login });
  const token = makeToken(kind);
  await on({
    type: 'IssueApiToken',
    tokenId: newId(),
    userId,
    label: 'command line',
    kind,
    hash: hashOf(token),
    ...(resourceClasses.length > 0 && { resourceClasses }),
  });
  return token;
}

function makeToken(kind: Caller['kind']): string {
  return `${kind === 'agent' ? 'rota' : 'rotu'}_${randomBytes(24).toString('base64url')}`;
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
