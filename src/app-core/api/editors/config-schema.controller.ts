// Serves the JSON Schema of the config language, to anybody: editors fetch it without a token.
import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeEndpoint } from '@nestjs/swagger';
import { configJsonSchema } from '../../../pipelines/index.js';

@Controller()
export class ConfigSchemaController {
  private readonly text = JSON.stringify(configJsonSchema());

  @Get('schema.json')
  @Header('content-type', 'application/schema+json; charset=utf-8')
  @Header('access-control-allow-origin', '*')
  @Header('cache-control', 'public, max-age=300')
  @ApiExcludeEndpoint()
  get(): string {
    return this.text;
  }
}
