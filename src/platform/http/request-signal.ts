// Ends waiting when the caller has gone away.
import type { FastifyReply } from 'fastify';

/** Aborted when the connection of this request closes before the answer was sent. */
export function requestSignal(reply: FastifyReply): AbortSignal {
  const abort = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableEnded) abort.abort();
  });
  return abort.signal;
}

/** The bearer of a request: `Authorization: Bearer T`; empty when there is none. */
export function bearerOf(headers: { authorization?: string }): string {
  return /^Bearer\s+(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1] ?? '';
}
