// What editors ask the server for.
import { Module } from '@nestjs/common';
import { ConfigSchemaController } from './config-schema.controller.js';

@Module({ controllers: [ConfigSchemaController] })
export class EditorsModule {}
