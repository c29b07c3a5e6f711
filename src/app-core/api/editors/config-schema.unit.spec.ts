// The route that editors load the schema from.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Ajv } from 'ajv';
import { EditorsModule } from './editors.module.js';

let app: NestFastifyApplication;
beforeAll(async () => {
  app = await NestFactory.create<NestFastifyApplication>(EditorsModule, new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  await app.listen(0, '127.0.0.1');
});
afterAll(() => app.close());

test('/schema.json is a schema that a validator takes, for every origin and without a token', async () => {
  const response = await fetch(`${await app.getUrl()}/schema.json`, { signal: AbortSignal.timeout(10_000) });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/schema+json; charset=utf-8');
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  const accepts = new Ajv({ strictTypes: false, strictRequired: false }).compile(
    (await response.json()) as object,
  );
  const job = { docker: [{ image: 'cimg/base:current' }], steps: ['checkout'] };
  expect(accepts({ version: 2.1, jobs: { build: job } })).toBe(true);
  expect(accepts({ version: 2.1, jobs: { build: { ...job, stpes: [] } } })).toBe(false);
});
