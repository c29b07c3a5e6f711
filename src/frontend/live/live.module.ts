// What people watch while it happens.
import { Module } from '@nestjs/common';
import { ExecutionModule } from '../../execution/index.js';
import { HealthController } from './health.controller.js';
import { LiveGateway } from './live.gateway.js';
import { StepsController } from './steps.controller.js';

@Module({
  imports: [ExecutionModule],
  controllers: [StepsController, HealthController],
  providers: [LiveGateway],
})
export class LiveModule {}
