// What Rotunda's own API below /api/rotunda/v1 has beside the live updates.
import { Module } from '@nestjs/common';
import { AgentsController } from './agents.controller.js';

@Module({ controllers: [AgentsController] })
export class RotundaApiModule {}
