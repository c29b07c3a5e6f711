// Talks to a server's API as any other client would.
export interface ServerAccess {
  /** Without a slash at the end. */
  url: string;
  token: string;
}

/** The server refused; the message is its own. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

const LIMIT_MS = 30_000;

export class ApiClient {
  constructor(private readonly access: ServerAccess) {}

  get<T>(path: string): Promise<T> {
    return this.call('GET', path);
  }

  post<T>(path: string, body?: unknown): Promise<T> {
    return this.call('POST', path, body);
  }

  /** Bytes of a resource from `start` on; empty when there is nothing behind it yet. */
  async bytes(path: string, start = 0): Promise<Buffer> {
    const headers = start > 0 ? { range: `bytes=${start}-` } : undefined;
    const response = await this.fetch('GET', path, undefined, headers);
    if (response.status === 416) return Buffer.alloc(0);
    if (!response.ok) throw await failure(response);
    return Buffer.from(await response.arrayBuffer());
  }

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.fetch(method, path, body);
    if (!response.ok) throw await failure(response);
    return (await response.json()) as T;
  }

  private fetch(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return fetch(`${this.access.url}${path}`, {
      method,
      headers: {
        'circle-token': this.access.token,
        ...headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
  }
}

async function failure(response: Response): Promise<ApiError> {
  const text = await response.text();
  let message = text.slice(0, 500);
  try {
    message = (JSON.parse(text) as { message?: string }).message ?? message;
  } catch {
    // Not JSON: the text as it is.
  }
  return new ApiError(response.status, message);
}

/** Where the server is and who we are: from the options, else ROTUNDA_URL and ROTUNDA_TOKEN. */
export function accessFrom(options: { server?: string; token?: string }): ServerAccess {
  const url = (options.server ?? process.env['ROTUNDA_URL'] ?? 'http://127.0.0.1:7777').replace(/\/$/, '');
  const token = options.token ?? process.env['ROTUNDA_TOKEN'] ?? '';
  if (token === '')
    throw new Error(
      'a token is needed: ROTUNDA_TOKEN or --token (the server prints the first one on its first start)',
    );
  return { url, token };
}
