// Where the orbs of one organisation's configs come from: the registry and the URLs that the organisation allows.
import { InvalidInputError } from '../../platform/errors/errors.js';
import type { Clock } from '../../platform/clock/clock.js';
import type { FoundOrb, OrbResolver } from '../config/index.js';
import { parseOrbReference } from '../config/orbs/reference.js';
import type { OrbRegistry } from './orb-registry.port.js';
import type { UrlOrbFetcher } from './url-orb-fetcher.js';
import type { UrlOrbPrefix } from './url-orb-prefix.events.js';

export interface UrlOrbPrefixes {
  /** The allow-list of an organisation, oldest first. */
  of(organizationId: string): Promise<Pick<UrlOrbPrefix, 'prefix' | 'auth'>[]>;
}

export class OrbSources {
  constructor(
    private readonly registry: OrbRegistry,
    private readonly prefixes: UrlOrbPrefixes,
    private readonly fetcher: Pick<UrlOrbFetcher, 'fetch'>,
    private readonly clock: Clock,
  ) {}

  /**
   * For configs of this organisation; without one only what everybody may use. The resolver throws InvalidInputError
   * for what the config has wrong, anything else for what may get better.
   */
  for(organizationId: string | undefined): OrbResolver {
    return {
      resolve: async (written) => {
        const reference = parseOrbReference(written);
        if (reference?.kind === 'url') return this.fromUrl(reference.url, organizationId);
        return (
          reference &&
          this.registry.find(reference, {
            now: this.clock.now(),
            ...(organizationId !== undefined && { organizationId }),
          })
        );
      },
    };
  }

  private async fromUrl(url: string, organizationId: string | undefined): Promise<FoundOrb | undefined> {
    const entries = organizationId === undefined ? [] : await this.prefixes.of(organizationId);
    const href = URL.canParse(url) ? new URL(url).href : url;
    const matching = entries.filter(({ prefix }) => href.startsWith(prefix));
    const usable = entries.filter(({ auth }) => auth === 'none');
    const [first] = matching;
    if (first && !matching.some(({ auth }) => auth === 'none')) {
      throw new InvalidInputError(
        'URL_ORB.AUTH',
        `${url} needs authentication by ${first.auth}, which this server does not have`,
      );
    }
    const source = await this.fetcher.fetch(url, (address) =>
      usable.some(({ prefix }) => address.startsWith(prefix)),
    );
    return source === undefined ? undefined : { source, resolvedReference: url };
  }
}
