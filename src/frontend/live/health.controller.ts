// Whether the server lives, and whether it can work.
import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';

const LIMIT_MS = 2_000;

@Controller('health')
export class HealthController {
  constructor(private readonly database: DataSource) {}

  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** 200 when the database answers within 2 s, else 503. */
  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<{ status: string }> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), LIMIT_MS)));
    const answers = this.database.query('SELECT 1').then(
      () => true,
      () => false,
    );
    const ok = await Promise.race([answers, late]).finally(() => clearTimeout(timer));
    if (ok) return { status: 'ready' };
    void reply.status(503);
    return { status: 'the database does not answer' };
  }
}
