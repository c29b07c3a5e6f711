// Serves the OpenAPI document, to anybody.
import { Controller, Get, Injectable, type INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { NotFoundError } from '../../../platform/errors/errors.js';

/** Makes the document when it is first asked for, and keeps it. */
@Injectable()
export class OpenApiDocument {
  private app: INestApplication | undefined;
  private made: Promise<OpenAPIObject> | undefined;

  /** The whole application, which does not exist when controllers are built. */
  describe(app: INestApplication): void {
    this.app = app;
  }

  get(): Promise<OpenAPIObject> {
    this.made ??= this.make().catch((error: unknown) => {
      this.made = undefined;
      throw error;
    });
    return this.made;
  }

  private async make(): Promise<OpenAPIObject> {
    if (!this.app) throw new NotFoundError('OPENAPI.NOT_MADE', 'This server has no document.');
    const { openApiDocument } = await import('./document.js');
    return openApiDocument(this.app);
  }
}

@Controller('api/v2')
export class OpenApiController {
  constructor(private readonly document: OpenApiDocument) {}

  @Get('openapi.json')
  get(): Promise<OpenAPIObject> {
    return this.document.get();
  }
}
