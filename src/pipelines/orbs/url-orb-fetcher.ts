// Fetches URL orbs: https only, within time and size, from public addresses, along redirects that are allowed themselves.
import { lookup as lookUp } from 'node:dns/promises';
import { request, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { isIP, type LookupFunction } from 'node:net';
import { InvalidInputError, messageOf } from '../../platform/errors/errors.js';
import { isPublicAddress } from './public-address.js';

export interface UrlOrbFetcherOptions {
  /** How long one orb may take, redirects included; 10,000 by default. */
  milliseconds?: number;
  /** 1 MiB by default. */
  bytes?: number;
  /** True lets it call private networks, for organisations whose orbs lie inside their own. */
  privateAddresses?: boolean;
  /** Certificates to trust beside the usual ones, as PEM. */
  ca?: string;
  /** Resolves names; the system's resolver by default. */
  addressesOf?(host: string): Promise<string[]>;
  /** Milliseconds since some time. */
  now?(): number;
}

const REDIRECTS = 3;
/** How long a text is believed to be what is at its address (LANGUAGE C-134). */
const KEPT_MS = 5 * 60_000;
const KEPT_ORBS = 200;

interface Kept {
  text: Promise<string | undefined>;
  until: number;
}

export class UrlOrbFetcher {
  private readonly kept = new Map<string, Kept>();
  private readonly now: () => number;

  constructor(private readonly options: UrlOrbFetcherOptions = {}) {
    this.now = options.now ?? (() => performance.now());
  }

  /**
   * The text at `url`; undefined when there is nothing. `allowed` is asked about every address on the way. Throws
   * InvalidInputError for what will not get better by trying again, any other error for what may.
   */
  async fetch(url: string, allowed: (url: string) => boolean): Promise<string | undefined> {
    const address = this.checked(url, allowed);
    const known = this.kept.get(address.href);
    if (known && known.until > this.now()) return known.text;
    const signal = AbortSignal.timeout(this.options.milliseconds ?? 10_000);
    const text = this.follow(address, allowed, signal);
    this.keep(address.href, text);
    return text;
  }

  private keep(href: string, text: Promise<string | undefined>): void {
    this.kept.delete(href);
    this.kept.set(href, { text, until: this.now() + KEPT_MS });
    if (this.kept.size > KEPT_ORBS) this.kept.delete(this.kept.keys().next().value!);
    // What failed, or was not there, is looked at again next time.
    const forget = (): void => {
      if (this.kept.get(href)?.text === text) this.kept.delete(href);
    };
    text.then((found) => (found === undefined ? forget() : undefined), forget);
  }

  private checked(url: string, allowed: (url: string) => boolean): URL {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (!parsed || parsed.protocol !== 'https:' || parsed.username !== '' || parsed.password !== '') {
      throw new InvalidInputError('URL_ORB.URL', `${url} is no https address without user and password`);
    }
    parsed.hash = '';
    if (!allowed(parsed.href)) {
      throw new InvalidInputError(
        'URL_ORB.NOT_ALLOWED',
        `${parsed.href} begins with no prefix of the organization's URL orb allow-list`,
      );
    }
    return parsed;
  }

  private async follow(
    first: URL,
    allowed: (url: string) => boolean,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    let url = first;
    for (let hop = 0; hop <= REDIRECTS; hop += 1) {
      const answer = await this.get(url, signal);
      if (typeof answer !== 'object') return answer;
      url = this.checked(new URL(answer.location, url).href, allowed);
    }
    throw new InvalidInputError('URL_ORB.REDIRECTS', `${first.href} redirects more than ${REDIRECTS} times`);
  }

  /** The text, nothing, or where to look instead. */
  private async get(url: URL, signal: AbortSignal): Promise<string | undefined | { location: string }> {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0) this.admit(host, [host]);
    const response = await open(url, {
      signal,
      agent: false,
      lookup: this.guardedLookup(),
      ...(this.options.ca && { ca: this.options.ca }),
      headers: { accept: 'application/yaml, text/yaml, text/plain, */*', 'user-agent': 'rotunda' },
    }).catch((error: unknown) => {
      throw error instanceof InvalidInputError ? error : new Error(`${url.href}: ${reasonOf(error, signal)}`);
    });
    const { statusCode = 0, headers } = response;
    try {
      if (statusCode >= 300 && statusCode < 400 && headers.location) return { location: headers.location };
      if (statusCode === 404 || statusCode === 410) return undefined;
      if (statusCode !== 200) throw new Error(`${url.href} answers with status ${statusCode}`);
      return await this.textOf(response, url, signal);
    } finally {
      response.destroy();
    }
  }

  private async textOf(response: IncomingMessage, url: URL, signal: AbortSignal): Promise<string> {
    const most = this.options.bytes ?? 1024 * 1024;
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of response) {
        size += (chunk as Buffer).length;
        if (size > most)
          throw new InvalidInputError('URL_ORB.SIZE', `${url.href} is larger than ${most} bytes`);
        chunks.push(chunk as Buffer);
      }
    } catch (error) {
      if (error instanceof InvalidInputError) throw error;
      throw new Error(`${url.href}: ${reasonOf(error, signal)}`, { cause: error });
    }
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
    } catch {
      throw new InvalidInputError('URL_ORB.TEXT', `${url.href} is no UTF-8 text`);
    }
  }

  /** Checks the very addresses that are then connected to, so that a name cannot change its meaning in between. */
  private guardedLookup(): LookupFunction {
    const addressesOf =
      this.options.addressesOf ??
      (async (host: string) => (await lookUp(host, { all: true })).map(({ address }) => address));
    return (host, options, callback) => {
      void addressesOf(host).then(
        (addresses) => {
          try {
            this.admit(host, addresses);
          } catch (error) {
            return callback(error as Error, '', 4);
          }
          const found = addresses.map((address) => ({ address, family: isIP(address) }));
          if (options.all) callback(null, found);
          else callback(null, found[0]!.address, found[0]!.family);
        },
        (error: Error) => callback(error, '', 4),
      );
    };
  }

  private admit(host: string, addresses: readonly string[]): void {
    if (addresses.length === 0) throw new Error(`${host} has no address`);
    if (this.options.privateAddresses || addresses.every(isPublicAddress)) return;
    throw new InvalidInputError(
      'URL_ORB.PRIVATE',
      `${host} is not on the public Internet; ROTUNDA_URL_ORB_PRIVATE=true allows orbs of private networks`,
    );
  }
}

function open(url: URL, options: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, resolve);
    sent.on('error', reject);
    sent.end();
  });
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  return signal.aborted ? 'it takes too long' : messageOf(error);
}
