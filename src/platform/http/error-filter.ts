// Turns what was thrown into an answer: {"message": "..."} with the status that fits, never a stack (RFC 9110 section 15).
import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ConflictError, ForbiddenError, InvalidInputError, NotFoundError } from '../errors/errors.js';
import type { Logger } from '../telemetry/logger.js';
import { LOGGER } from '../tokens.js';

/** Conflicts that mean "this is over for good": 410 instead of 409. */
const GONE = new Set(['TASK.CLAIM_OVER']);

export interface ErrorAnswer {
  status: number;
  body: Record<string, unknown>;
}

/** The answer for an error; undefined for one that nobody foresaw. */
export function answerFor(error: unknown): ErrorAnswer | undefined {
  if (error instanceof InvalidInputError) return { status: 400, body: { message: error.message } };
  if (error instanceof ForbiddenError) return { status: 403, body: { message: error.message } };
  if (error instanceof NotFoundError) return { status: 404, body: { message: error.message } };
  if (error instanceof ConflictError)
    return { status: GONE.has(error.code) ? 410 : 409, body: { message: error.message } };
  if (error instanceof HttpException) {
    const text = textOf(error);
    return { status: error.getStatus(), body: { message: NEST_TEXTS[text] ?? text } };
  }
  const { statusCode, code } = (error ?? {}) as { statusCode?: unknown; code?: unknown };
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return { status: statusCode, body: { message: FASTIFY_TEXTS[String(code)] ?? (error as Error).message } };
  }
  return undefined;
}

const FASTIFY_TEXTS: Record<string, string> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'The request body is not valid JSON.',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The request body is empty but its content type is JSON.',
  FST_ERR_CTP_BODY_TOO_LARGE: 'The request body is too large.',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'The content type of the request body is not supported.',
};

/** The same errors when Nest has wrapped them: it keeps their text and drops their code. */
const NEST_TEXTS: Record<string, string> = {
  "Body is not valid JSON but content-type is set to 'application/json'":
    FASTIFY_TEXTS['FST_ERR_CTP_INVALID_JSON_BODY']!,
  "Body cannot be empty when content-type is set to 'application/json'":
    FASTIFY_TEXTS['FST_ERR_CTP_EMPTY_JSON_BODY']!,
  'Request body is too large': FASTIFY_TEXTS['FST_ERR_CTP_BODY_TOO_LARGE']!,
  'Unsupported Media Type': FASTIFY_TEXTS['FST_ERR_CTP_INVALID_MEDIA_TYPE']!,
};

function textOf(error: HttpException): string {
  const response = error.getResponse();
  const message = typeof response === 'object' ? (response as { message?: unknown }).message : response;
  return Array.isArray(message) ? message.join('; ') : String(message ?? error.message);
}

@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const answer = answerFor(error);
    if (!answer) {
      const about = { err: error, method: request.method, path: request.url.split('?')[0] };
      // Who has hung up misses nothing: an agent, say, whose long poll ends with the server.
      if (reply.raw.destroyed) this.logger.debug(about, 'a request failed after its caller had gone');
      else this.logger.error(about, 'a request failed');
    }
    if (reply.sent || reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    void reply.status(answer?.status ?? 500).send(answer?.body ?? { message: 'Internal server error.' });
  }
}
