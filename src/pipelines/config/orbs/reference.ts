// References to orbs in all their forms, and which published version one means (LANGUAGE C-119, C-120, C-134).

export interface RegistryReference {
  kind: 'registry';
  namespace: string;
  orb: string;
  /** `namespace/orb`. */
  name: string;
  version: VersionSpec;
}

export type OrbReference = RegistryReference | { kind: 'url'; url: string };

/** What stands behind the `@`. Numbers that are not given are free: `1` is any 1.y.z. */
export type VersionSpec =
  | { kind: 'production'; major: number; minor?: number; patch?: number }
  | { kind: 'volatile' }
  | { kind: 'dev'; label: string };

/** The registry has namespaces that begin with a digit (`1password`), so this is wider than the editor's schema. */
const NAME = '[a-z0-9][a-z0-9_-]*';
const REGISTRY = new RegExp(`^(${NAME})/(${NAME})@(.+)$`);
const PRODUCTION = /^(0|[1-9]\d{0,8})(?:\.(0|[1-9]\d{0,8})(?:\.(0|[1-9]\d{0,8}))?)?$/;
const DEV = /^dev:(\S{1,1023})$/;

/** Undefined for what is no reference. Spaces around it do not count, nor those behind the `@`. */
export function parseOrbReference(text: string): OrbReference | undefined {
  const trimmed = text.trim();
  if (/^https?:\/\//i.test(trimmed)) return { kind: 'url', url: trimmed };
  const match = REGISTRY.exec(trimmed.replace(/@\s+/, '@'));
  const version = match && parseVersion(match[3]!);
  if (!match || !version) return undefined;
  const [, namespace, orb] = match;
  return { kind: 'registry', namespace: namespace!, orb: orb!, name: `${namespace}/${orb}`, version };
}

export function parseVersion(text: string): VersionSpec | undefined {
  if (text === 'volatile') return { kind: 'volatile' };
  const label = DEV.exec(text)?.[1];
  if (label !== undefined) return { kind: 'dev', label };
  const numbers = PRODUCTION.exec(text);
  if (!numbers) return undefined;
  const [major, minor, patch] = numbers.slice(1).map((part) => (part === undefined ? part : Number(part)));
  return {
    kind: 'production',
    major: major!,
    ...(minor !== undefined && { minor }),
    ...(patch !== undefined && { patch }),
  };
}

/** True for the name of a namespace or of an orb, without the other. */
export function isOrbNamePart(text: string): boolean {
  return text.length <= 100 && new RegExp(`^${NAME}$`).test(text);
}

/** A whole production version as numbers; undefined for any other text. */
export function exactVersion(text: string): readonly [number, number, number] | undefined {
  const spec = parseVersion(text);
  if (spec?.kind !== 'production' || spec.minor === undefined || spec.patch === undefined) return undefined;
  return [spec.major, spec.minor, spec.patch];
}

/** Negative when `a` is the older one. Both must be whole production versions. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [exactVersion(a)!, exactVersion(b)!];
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}

/**
 * Which of the published versions a spec means: the newest that fits. A dev version means the label itself, which is in
 * the list as `dev:label`. Undefined when there is none.
 */
export function resolveVersion(spec: VersionSpec, published: Iterable<string>): string | undefined {
  let best: string | undefined;
  for (const version of published) {
    if (spec.kind === 'dev') {
      if (version === `dev:${spec.label}`) return version;
      continue;
    }
    const numbers = exactVersion(version);
    if (!numbers || (spec.kind === 'production' && !fits(spec, numbers))) continue;
    if (best === undefined || compareVersions(best, version) < 0) best = version;
  }
  return best;
}

function fits(
  spec: Extract<VersionSpec, { kind: 'production' }>,
  [major, minor, patch]: readonly [number, number, number],
): boolean {
  return (
    spec.major === major &&
    (spec.minor === undefined || spec.minor === minor) &&
    (spec.patch === undefined || spec.patch === patch)
  );
}
