// Remembers how each step of the output was reached, while the compiler runs.
import type { ConfigCall } from '../config.types.js';
import type { Place } from '../problems/fault.js';
import type { OnUse, UsedVariable } from '../template/evaluate.js';
import type { ConfigNode } from '../yaml/node.js';

/** A call and the calls around it: the workflow, the entry of a job in it, commands. */
export interface CallSite {
  kind: ConfigCall['kind'];
  name: string;
  at: Place;
  parent?: CallSite;
}

/** What a compilation notes for those who ask for origins; without it nothing is kept. */
export class Trace {
  private readonly steps = new WeakMap<ConfigNode, CallSite>();
  private readonly used = new WeakMap<ConfigNode, readonly UsedVariable[]>();
  /** Set when the variables in texts are wanted, too. */
  readonly onUse?: OnUse;

  constructor({ variables }: { variables: boolean }) {
    if (variables) this.onUse = (made, used) => void this.used.set(made, used);
  }

  /** `step` is a node of its own, not one that other calls share. */
  step(step: ConfigNode, via: CallSite | undefined): void {
    if (via) this.steps.set(step, via);
  }

  /** The variables that became part of a text. */
  variablesIn(node: ConfigNode): readonly UsedVariable[] {
    return this.used.get(node) ?? [];
  }

  callOf(step: ConfigNode): CallSite | undefined {
    return this.steps.get(step);
  }
}
