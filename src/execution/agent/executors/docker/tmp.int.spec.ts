import { it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { DockerExecutor } from './docker-executor.js';
it('times', async () => {
  let t0 = performance.now();
  const lap = (w: string) => { process.stderr.write(`${Math.round(performance.now() - t0)} ${w}\n`); t0 = performance.now(); };
  const executor = new DockerExecutor({ agent: 'tmp' });
  const env = await executor.prepare({ taskId: randomUUID(), jobName: 'x', environment: {}, log: (t) => void process.stderr.write(t), signal: new AbortController().signal,
    definition: { executor: { type: 'docker', images: [{ image: 'rotunda-test:1', environment: {} }] }, resourceClass: 'default', parallelism: 1, workingDirectory: '~/project', environment: {}, steps: [] } });
  lap('prepared');
  const c = await env.start({ argv: ['/bin/sh', '-c', '(while :; do echo x >>left; sleep 0.05; done) & echo done'], environment: {}, cwd: env.workingDirectory, onOutput: (x) => lap(String(x)) });
  lap('started'); await c.exit; lap('exit');
  for (let i = 0; i < 3; i++) { await env.stat('/tmp'); lap('stat'); }
  let n = 0;
  for (const cmd of ['head -c 200000000 /dev/zero', 'yes 0123456789012345678901234567890123456789 | head -c 200000000']) {
  const big = await env.start({ argv: ['/bin/sh', '-c', cmd], environment: {}, cwd: '/', onOutput: (x) => void (n += x.length) });
  await big.exit; lap('200 MB ' + n); }
  const mk = await env.start({ argv: ['/bin/sh', '-c', 'mkdir /tmp/d; cd /tmp/d; for i in 1 2 3 4; do head -c 50000000 /dev/urandom > f$i; done'], environment: {}, cwd: '/', onOutput: () => undefined });
  await mk.exit; lap('made');
  const s = await env.pack('/tmp/d', ['.']); let m = 0; for await (const x of s) m += (x as Buffer).length; lap('packed ' + m);
  await env.unpack('/tmp/e', await env.pack('/tmp/d', ['.'])); lap('pack | unpack');
  await env.destroy(); lap('destroyed');
});
