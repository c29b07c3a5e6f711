// A program for the tests of sealing: it seals the output of a task and kills itself at the blob operation that it is
// told, after or in the middle of it.
import { Readable } from 'node:stream';
import pg from 'pg';
import { DirectoryBlobStore } from '../../platform/blobs/directory-blob-store.js';
import type { BlobStore } from '../../platform/blobs/blob-store.port.js';
import { OutputStore } from './output-store.js';
import { PostgresOutputIndex } from './postgres-output-index.js';

const { DATABASE, BLOBS, TASK, DIE_AT } = process.env as Record<string, string>;
let operations = 0;
let dying = false;

/** True for the operation that is the last one. */
function isLast(): boolean {
  operations += 1;
  return operations === Number(DIE_AT);
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

const blobs = await DirectoryBlobStore.open(BLOBS!);
const deadly: Pick<BlobStore, 'put' | 'delete'> = {
  async put(key, content, options) {
    if (isLast()) {
      dying = true;
      // In the middle of the content.
      const source = Readable.from(content, { objectMode: false }).on('data', () => die());
      return blobs.put(key, source, options);
    }
    const info = await blobs.put(key, content, options);
    if (isLast()) die();
    return info;
  },
  async delete(key) {
    if (isLast()) die();
    await blobs.delete(key);
    if (isLast()) die();
  },
};
const store = new OutputStore(
  new Proxy(blobs, {
    get: (target, name) =>
      name in deadly
        ? deadly[name as keyof typeof deadly]
        : (Reflect.get(target, name) as (...call: unknown[]) => unknown).bind(target),
  }),
  new PostgresOutputIndex(new pg.Pool({ connectionString: DATABASE, connectionTimeoutMillis: 10_000 })),
);
await store.seal(TASK!, 0);
process.stdout.write(dying ? 'should be dead\n' : `sealed after ${operations} operations\n`);
process.exit();
