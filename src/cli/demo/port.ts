// Whether a port can be listened on, so that the demo can take another one.
import { createServer } from 'node:net';

/** The wanted port, or 0, which takes any free one, when another program listens there. */
export function freePortOr(wanted: number, host: string): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRINUSE' ? 0 : wanted));
    probe.listen(wanted, host, () => probe.close(() => resolve(wanted)));
  });
}
