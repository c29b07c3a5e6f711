// Lets a request through when it carries a known token, in any of the forms that clients use (ENDPOINTS 0.1).
import {
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
  createParamDecorator,
  Injectable,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../../platform/event-store/event-store.port.js';
import { Identity, type Caller } from './identity.js';

type AuthenticatedRequest = FastifyRequest & { caller?: Caller };

@Injectable()
export class AuthGuard implements CanActivate {
  constructor(private readonly identity: Identity) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const token = tokenOf(request);
    if (token === '') throw new UnauthorizedException('You must log in first.');
    const caller = await this.identity.verify(token);
    if (caller?.kind !== 'user') throw new UnauthorizedException('Invalid token provided.');
    request.caller = caller;
    return true;
  }
}

/** `Circle-Token: T`, `Authorization: Bearer T`, `Authorization: Basic` with T as the user, or `?circle-token=T`. */
export function tokenOf(request: { headers: FastifyRequest['headers']; query?: unknown }): string {
  const header = request.headers['circle-token'];
  if (typeof header === 'string' && header !== '') return header;
  const [scheme = '', value = ''] = (request.headers.authorization ?? '').trim().split(/\s+/);
  if (/^bearer$/i.test(scheme)) return value;
  if (/^basic$/i.test(scheme)) return Buffer.from(value, 'base64').toString('utf8').split(':')[0] ?? '';
  const query = (request.query as Record<string, unknown> | undefined)?.['circle-token'];
  return typeof query === 'string' ? query : '';
}

/** The user of the request, in a controller behind AuthGuard. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  return context.switchToHttp().getRequest<AuthenticatedRequest>().caller!;
});

export function actorOf(caller: Caller): Actor {
  return { type: 'user', id: caller.userId, login: caller.login };
}
