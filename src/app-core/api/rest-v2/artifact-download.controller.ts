// GET /output/job/{job-id}/artifacts/{node-index}/{path}: the content of an artifact.
import { Readable } from 'node:stream';
import { Controller, Get, Param, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NotFoundError } from '../../../platform/errors/errors.js';
import { AuthGuard } from '../../identity/auth.guard.js';
import { artifactHeaders, isKnown, rangeOf } from './artifact-headers.js';
import { ArtifactQueries } from './artifacts.queries.js';
import { isStorable, numberPart, uuidPart } from './request-parts.js';

const MISSING = 'Artifact not found';

@UseGuards(AuthGuard)
@Controller('output/job/:job_id/artifacts/:node_index')
export class ArtifactDownloadController {
  constructor(private readonly artifacts: ArtifactQueries) {}

  @Get('*')
  async download(
    @Param('job_id') jobId: string,
    @Param('node_index') node: string,
    @Param('*') path: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const nodeIndex = node === '0' ? 0 : numberPart(node, 'node_index', MISSING);
    if (!isStorable(path)) throw new NotFoundError('ARTIFACT.NOT_FOUND', MISSING);
    const artifact = await this.artifacts.find(uuidPart(jobId, 'job_id'), nodeIndex, path);
    const headers = artifactHeaders(artifact.path, artifact.sha256);
    const size = Number(artifact.size);
    if (isKnown(request.headers['if-none-match'], headers['etag']!)) {
      await reply.status(304).headers(headers).send();
      return;
    }
    const sameAs = request.headers['if-range'];
    const asked = sameAs === undefined || sameAs === headers['etag'] ? request.headers.range : undefined;
    const range = request.method === 'GET' ? rangeOf(asked, size) : undefined;
    if (range === 'unsatisfiable') {
      const answer = { message: 'The range lies outside of the artifact.' };
      await reply.status(416).header('content-range', `bytes */${size}`).send(answer);
      return;
    }
    const { start, end } = range ?? { start: 0, end: size };
    void reply.headers({ ...headers, 'content-length': String(end - start) });
    if (range) void reply.status(206).header('content-range', `bytes ${start}-${end - 1}/${size}`);
    // Fastify takes the length of a HEAD answer from a text, but leaves the header alone for a stream.
    const content =
      request.method === 'HEAD' ? Readable.from([]) : await this.artifacts.open(artifact, range);
    await reply.send(content);
  }
}
