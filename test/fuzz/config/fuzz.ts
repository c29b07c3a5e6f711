// Changes configs at random and checks what must hold for every text; the same seed does the same.
import type { CompilerPool, OrbResolver } from '../../../src/pipelines/config/index.js';
import { check, type Finding, type Sample } from './check.js';
import { mutateData } from './mutate-data.js';
import { mutateText } from './mutate-text.js';
import { Random } from './random.js';
import { shrink } from './shrink.js';

export interface Found extends Finding {
  source: string;
  /** Texts of the orbs that were asked for, as they were given. */
  orbs: Record<string, string>;
}

export interface FuzzReport {
  executions: number;
  compiled: number;
  findings: Found[];
}

export interface FuzzOptions {
  seed: number;
  samples: readonly Sample[];
  pool: CompilerPool;
  /** Asked before every execution. */
  goesOn(report: FuzzReport): boolean;
  onFinding?(found: Found): void;
}

/** Findings of one kind with the same words beyond this many are one more of the same. */
const OF_A_KIND = 3;

export async function fuzz({ seed, samples, pool, goesOn, onFinding }: FuzzOptions): Promise<FuzzReport> {
  const random = new Random(seed);
  const report: FuzzReport = { executions: 0, compiled: 0, findings: [] };
  const seen = new Map<string, number>();
  const good: Sample[] = [];
  while (goesOn(report)) {
    // First all of them as they are.
    const fresh = samples[report.executions];
    // Then changed, and rather those that compile: what is refused as it is will be refused changed.
    const from = good.length > 0 && random.chance(0.9) ? good : samples;
    const tried = fresh ?? mutated(random.pick(from), random, random.pick(samples));
    const { ok, finding } = await check(pool, tried);
    report.executions += 1;
    if (ok) report.compiled += 1;
    if (ok && fresh) good.push(fresh);
    if (!finding) continue;
    const words = `${finding.kind} ${finding.detail.replace(/\d+|'[^']*'|"[^"]*"/g, '')}`.slice(0, 200);
    const count = (seen.get(words) ?? 0) + 1;
    seen.set(words, count);
    if (count > OF_A_KIND) continue;
    const stays = async (source: string): Promise<boolean> =>
      (await check(pool, { ...tried, source })).finding?.kind === finding.kind;
    // What takes all its time to fail would take it two hundred times.
    const isCostly = finding.kind === 'time' || finding.kind === 'memory';
    const source = isCostly ? tried.source : await shrink(tried.source, stays);
    const found = { ...finding, source, orbs: await orbsOf({ ...tried, source }) };
    report.findings.push(found);
    onFinding?.(found);
  }
  return report;
}

function mutated(sample: Sample, random: Random, other: Sample): Sample {
  let text = sample.source;
  // One change mostly: after more of them nearly all texts are refused at the first.
  const changes = random.chance(0.7) ? 1 : 1 + random.below(5);
  for (let i = 0; i < changes; i += 1) {
    const asData = random.chance(0.7) ? mutateData(text, random, other.source) : undefined;
    text = asData ?? mutateText(text, random, other.source);
  }
  return { source: text, orbs: random.chance(0.2) ? mutatedOrbs(sample.orbs, random, other) : sample.orbs };
}

/** The same change to an orb however often it is asked for. */
function mutatedOrbs(orbs: OrbResolver, random: Random, other: Sample): OrbResolver {
  const seed = random.below(2 ** 32);
  return {
    resolve: async (reference) => {
      const found = await orbs.resolve(reference);
      if (!found) return undefined;
      const own = new Random(seed);
      const source =
        mutateData(found.source, own, other.source) ?? mutateText(found.source, own, other.source);
      // Under a name of its own: what is published under one name never changes.
      return { ...found, source, resolvedReference: `${found.resolvedReference}.${seed}` };
    },
  };
}

/** Asks for every orb that a config names in its own words. */
async function orbsOf({ source, orbs }: Sample): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const [reference] of source.matchAll(/[\w-]+\/[\w-]+@[\w.:-]+|https:\/\/[^\s"']+/g)) {
    const found = await orbs.resolve(reference);
    if (found) texts[reference] = found.source;
  }
  return texts;
}
