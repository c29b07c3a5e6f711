// How requests of REST v2 are brought into one form before the router sees them. The boot hands this to Fastify.
import type { FastifyInstance } from 'fastify';

const VCS_NAMES = 'gh|github|bb|bitbucket|circleci|git';
const PROJECT = new RegExp(`^(/api/v2/project/)(${VCS_NAMES})/([^/?#]+)/([^/?#]+)(?=[/?#]|$)`);
const ORGANIZATION = new RegExp(`^(/api/v2/organization/)(${VCS_NAMES})/([^/?#]+)(?=[/?#]|$)`);

/**
 * Writes a slug of several segments as one: `/api/v2/project/gh/acme/demo/pipeline` becomes
 * `/api/v2/project/gh%2Facme%2Fdemo/pipeline`, the form that some clients send (ENDPOINTS 0.3). With one form, a
 * repository may be called `pipeline`, `job` or `artifacts` and the routes stay unambiguous. Any other URL is returned
 * as it is.
 */
export function slugAsOneSegment(url: string): string {
  return url.replace(PROJECT, '$1$2%2F$3%2F$4').replace(ORGANIZATION, '$1$2%2F$3');
}

/** Options of the Fastify instance. The router's own limit of 100 characters is less than a slug may have. */
export const restRouting = {
  rewriteUrl: (request: { url?: string }): string => slugAsOneSegment(request.url ?? '/'),
  routerOptions: { maxParamLength: 1024 },
};

/**
 * Clients send `content-type: application/json` on a POST without a body (cancel, approve): that is no body, not bad
 * JSON.
 */
export function acceptEmptyBodies(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', async (request) => {
    const { headers } = request;
    const empty = headers['content-length'] === undefined || headers['content-length'] === '0';
    if (empty && headers['transfer-encoding'] === undefined) delete headers['content-type'];
  });
}
