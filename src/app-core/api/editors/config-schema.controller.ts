// Serves the JSON Schema of the config language, to anybody: editors fetch it without a token.
import { Controller, Get, Header } from '@nestjs/common';

@Controller()
export class ConfigSchemaController {
  private text: Promise<string> | undefined;

  @Get('schema.json')
  @Header('content-type', 'application/schema+json; charset=utf-8')
  @Header('access-control-allow-origin', '*')
  @Header('cache-control', 'public, max-age=300')
  get(): Promise<string> {
    return (this.text ??= schemaText());
  }
}

/** Loaded when it is asked for: a start does without the compiler. */
async function schemaText(): Promise<string> {
  const { configJsonSchema } = await import('../../../pipelines/config/index.js');
  return JSON.stringify(configJsonSchema());
}
