// How the web server treats requests before any controller sees them.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { acceptEmptyBodies } from '../app-core/api/rest-v2/routing.js';

/** Bodies that are not JSON are handed on as streams: artifacts and caches must not be held in memory. */
export function configureHttp(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  for (const type of [
    'application/octet-stream',
    'application/gzip',
    'application/x-tar',
    'text/plain',
    'text/xml',
    'application/xml',
  ]) {
    fastify.addContentTypeParser(type, (_request, payload, done) => done(null, payload));
  }
  acceptEmptyBodies(fastify);
  fastify.addHook('onSend', async (_request, reply) => {
    void reply.header('x-content-type-options', 'nosniff');
  });
}
