// A git server over HTTP for tests: the smart protocol, read only, for the repositories below a directory.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';

export interface GitHttpServer {
  /** `http://127.0.0.1:<port>` */
  url: string;
  close(): void;
}

/** Starts it on loopback. Requests for `/denied` get 401, those for what is no directory of `root` 404. */
export async function startGitHttpServer(root: string): Promise<GitHttpServer> {
  const server = createServer((request, response) => answer(root, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

function answer(root: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname.startsWith('/denied')) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    return;
  }
  const [, name, service] = /^\/([\w-]+)\/(info\/refs|git-upload-pack)$/.exec(pathname) ?? [];
  if (name === undefined || name === 'none') {
    response.writeHead(404).end();
    return;
  }
  const advertise = service === 'info/refs';
  const kind = advertise ? 'advertisement' : 'result';
  response.writeHead(200, { 'content-type': `application/x-git-upload-pack-${kind}` });
  if (advertise) response.write('001e# service=git-upload-pack\n0000');
  const env = { PATH: process.env.PATH, GIT_PROTOCOL: String(request.headers['git-protocol'] ?? '') };
  const args = ['-c', 'safe.directory=*', 'upload-pack', '--stateless-rpc'];
  const git = spawn('git', [...args, ...(advertise ? ['--advertise-refs'] : []), join(root, name)], { env });
  git.stdin.on('error', () => undefined);
  const body = request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request;
  body.pipe(git.stdin);
  git.stdout.pipe(response);
}
