// Loads the orbs that a config imports, and those that they import (LANGUAGE C-118 to C-134). The only waiting stage.
import type { FoundOrb, OrbResolver } from '../config.types.js';
import { parseOrbReference, type OrbReference } from '../orbs/reference.js';
import { ConfigFault, fault, FaultList, type Place } from '../problems/fault.js';
import type { Budget } from '../problems/limits.js';
import { checkOrb } from '../schema/check.js';
import { problemOfViolation } from '../schema/violation.js';
import { evaluateNode } from '../template/evaluate.js';
import type { Variables } from '../template/variables.js';
import { entriesOf, isNull, textOf, type ConfigNode } from '../yaml/node.js';
import { parseAgain } from '../yaml/parse-cache.js';
import { namespaceOf, type Namespace } from './namespace.js';

export interface OrbLoading {
  resolver: OrbResolver;
  budget: Budget;
  /** What `<< >>` in the config's own orb references sees: pipeline values and parameters (C-037). */
  variables: Variables;
}
export interface ResolvedOrb {
  reference: string;
  resolvedReference: string;
}
export interface LoadedOrbs {
  namespaces: Map<string, Namespace>;
  /** The document's own orbs that are not inline, in order, for the header of the output (C-389). */
  resolved: ResolvedOrb[];
  /** What every reference of the document means now, those of its inline orbs too (C-124). */
  dependencies: Map<string, string>;
}

/** Imports nest no deeper than this, of whatever kind. */
const MAX_DEPTH = 10;

/** Throws a ConfigFault that names every orb that cannot be had. */
export async function loadOrbs(declared: ConfigNode | undefined, loading: OrbLoading): Promise<LoadedOrbs> {
  const dependencies = new Map<string, string>();
  const meet = (reference: string, resolved: string): unknown => dependencies.set(reference, resolved);
  const loaded = await new OrbLoader(loading).load(declared, { depth: 1, urls: 0, frozen: {}, meet });
  return { ...loaded, dependencies };
}

/** Whose imports are being loaded. */
interface Importer {
  /** 1 for the config itself. */
  depth: number;
  /** URL orbs on the way from the config to here. */
  urls: number;
  /** What references mean here, settled when the importing orb was published. */
  frozen: Readonly<Record<string, string>>;
  /** Told of the references of the document that was asked about, not of those inside the orbs it imports. */
  meet?(reference: string, resolvedReference: string): unknown;
}

class OrbLoader {
  /** By what they resolved to: an orb that several others import is read once. */
  private readonly loaded = new Map<string, Namespace>();

  constructor(private readonly loading: OrbLoading) {}

  async load(
    declared: ConfigNode | undefined,
    importer: Importer,
  ): Promise<Omit<LoadedOrbs, 'dependencies'>> {
    const result: Omit<LoadedOrbs, 'dependencies'> = { namespaces: new Map(), resolved: [] };
    if (isNull(declared) || !declared) return result;
    if (declared.kind !== 'mapping') {
      throw fault(`[${declared.pointer ?? '#'}] expected type: Mapping, found: another type`, declared);
    }
    if (importer.depth > MAX_DEPTH) {
      throw fault(`Orbs may import each other at most ${MAX_DEPTH} deep`, declared);
    }
    const faults = new FaultList();
    for (const [name, node] of declared.entries) {
      this.loading.budget.take('orbs', 1, 'orbs', node);
      try {
        result.namespaces.set(name, await this.one(node, importer, result.resolved));
      } catch (error) {
        if (!(error instanceof ConfigFault) || error.isFinal) throw error;
        for (const problem of error.problems) faults.add(problem);
      }
    }
    faults.throwIfAny();
    return result;
  }

  private async one(node: ConfigNode, importer: Importer, resolved: ResolvedOrb[]): Promise<Namespace> {
    if (node.kind === 'mapping') {
      // An inline orb's own imports see the config's values like the config itself does.
      const nested = await this.load(node.entries.get('orbs'), { ...importer, depth: importer.depth + 1 });
      return namespaceOf(node, 'orb', nested.namespaces);
    }
    const written = textOf(evaluateNode(node, this.loading.variables, this.loading.budget));
    if (written === undefined) {
      throw fault(`[${node.pointer ?? '#'}] expected type: String, found: another type`, node);
    }
    const reference = parseOrbReference(written);
    if (!reference) throw fault(`Invalid orb reference: '${written}'`, node);
    const urls = importer.urls + (reference.kind === 'url' ? 1 : 0);
    if (reference.kind === 'url') this.admitUrl(reference.url, urls, node);
    const wanted = importer.frozen[written] ?? nameOf(reference, written);
    const found = await this.loading.resolver.resolve(wanted);
    if (!found) throw notFound(reference, wanted, node);
    resolved.push({ reference: written, resolvedReference: found.resolvedReference });
    importer.meet?.(written, found.resolvedReference);
    const known = this.loaded.get(found.resolvedReference);
    if (known) return known;
    const namespace = await this.read(found, reference, { depth: importer.depth + 1, urls });
    this.loaded.set(found.resolvedReference, namespace);
    return namespace;
  }

  private admitUrl(url: string, depth: number, at: Place): void {
    const { budget } = this.loading;
    if (!url.startsWith('https://'))
      throw fault(`Invalid orb URL: '${url}': it must begin with https://`, at);
    budget.take('urlOrbs', 1, 'URL orbs', at);
    if (depth > budget.limits.urlOrbDepth) {
      throw fault(`URL orbs may import each other at most ${budget.limits.urlOrbDepth} deep`, at);
    }
  }

  private async read(
    found: FoundOrb,
    reference: OrbReference,
    inside: Omit<Importer, 'frozen'>,
  ): Promise<Namespace> {
    const root = inOrb(found.resolvedReference, () => {
      const document = parseAgain(found.source, this.loading.budget, found.resolvedReference);
      if (document.kind !== 'mapping') throw fault('expected type: Mapping, found: another type');
      // What is in the registry was checked when it was published; a URL can hold anything.
      const violation = reference.kind === 'url' ? checkOrb(document) : undefined;
      if (violation) throw new ConfigFault([problemOfViolation(violation)]);
      return document;
    });
    const nested = await this.load(entriesOf(root).get('orbs'), {
      ...inside,
      frozen: found.dependencies ?? {},
    });
    return namespaceOf(root, 'orb', nested.namespaces);
  }
}

/** The form of a reference that resolvers take: without spaces. */
function nameOf(reference: OrbReference, written: string): string {
  return reference.kind === 'url' ? reference.url : written.replace(/\s+/g, '');
}

function notFound(reference: OrbReference, wanted: string, at: Place): ConfigFault {
  if (reference.kind === 'url') return fault(`Cannot find an orb at ${reference.url}`, at);
  const check = 'Check that the namespace, orb name and version are correct.';
  const whole = `${reference.name}@${reference.version.kind === 'dev' ? `dev:${reference.version.label}` : 'VERSION'}`;
  return fault(
    `Cannot find ${wanted} in the orb registry. ${check}`,
    at,
    `A registry of your own has what was put into it: rotunda orb import FILE --as ${whole}`,
  );
}

/** Faults of an orb's text as a whole are told with the orb's name. */
function inOrb<T>(orb: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ConfigFault)) throw error;
    throw new ConfigFault(
      error.problems.map((problem) => ({
        ...problem,
        message: `Error loading orb: '${orb}'\n${problem.message}`,
      })),
    );
  }
}
