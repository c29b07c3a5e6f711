// Serves the OpenAPI document, to anybody.
import { Controller, Get, Injectable } from '@nestjs/common';
import { ApiExcludeEndpoint, type OpenAPIObject } from '@nestjs/swagger';
import { NotFoundError } from '../../../platform/errors/errors.js';

/** Keeps the document: it is made from the whole application, which does not exist when controllers are built. */
@Injectable()
export class OpenApiDocument {
  private document?: OpenAPIObject;

  set(document: OpenAPIObject): void {
    this.document = document;
  }

  get(): OpenAPIObject {
    if (!this.document)
      throw new NotFoundError('OPENAPI.NOT_MADE', 'The document was not made at the start.');
    return this.document;
  }
}

@Controller('api/v2')
export class OpenApiController {
  constructor(private readonly document: OpenApiDocument) {}

  @Get('openapi.json')
  @ApiExcludeEndpoint()
  get(): OpenAPIObject {
    return this.document.get();
  }
}
