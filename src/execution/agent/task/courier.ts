// Tells the server what happens in a task: facts about steps in their order, and the little that most steps print. What
// comes within a moment, or while a call is under way, goes in one call: a short job costs three calls in all, its claim,
// its start and its end. The start and the end of a task are told at once.
import type { OutputAck, OutputPart, ReportAck, StepReport, TaskReport } from '../../protocol/index.js';
import type { StepOutput, TakenPart } from '../output/step-output.js';
import { Pause } from '../pause.js';

/** How long news are gathered. Nobody sees the difference, the log does: steps that took less are told of once. */
const GATHER_MS = 50;
/** Most bytes of output in one report. */
const ROOM = 64 * 1024;

export type TaskEnd = NonNullable<TaskReport['finished']>;

/** The calls that are needed; they try again by themselves and throw only when there is no hope. */
export interface CourierCalls {
  report(report: TaskReport): Promise<ReportAck>;
  output(step: number, offset: number, bytes: Buffer): Promise<OutputAck>;
}

interface Parcel {
  step: number;
  output: StepOutput;
  part: TakenPart;
}

export class Courier {
  private facts: TaskReport | undefined;
  private end: TaskEnd | undefined;
  private readonly outputs = new Map<number, StepOutput>();
  private readonly pause = new Pause();
  private urgent = false;
  private wakeUp: () => void = () => undefined;
  private startTold: () => void = () => undefined;
  private readonly delivering: Promise<void>;

  /** @param together the server takes output in reports; else it goes before them, in calls of its own */
  constructor(
    private readonly calls: CourierCalls,
    private readonly together: boolean,
  ) {
    this.delivering = this.deliver();
    // Whoever waits for the start or the end hears of it.
    this.delivering.catch(() => undefined);
  }

  /** From here on the task is this agent's. Resolves when the server knows. */
  async started(): Promise<void> {
    const told = new Promise<void>((resolve) => (this.startTold = resolve));
    this.add({ started: true, steps: [] });
    this.hurry();
    await Promise.race([told, this.delivering]);
  }

  step(step: StepReport): void {
    this.add({ steps: [step] });
  }

  /** Fetches this output from now on; its owner calls wake() when it has news. */
  fetch(step: number, output: StepOutput): void {
    this.outputs.set(step, output);
  }

  wake(): void {
    this.wakeUp();
  }

  /** Tells the end, when all output is told; resolves then. Throws what ended the telling. */
  async finish(end: TaskEnd): Promise<void> {
    this.end = end;
    this.hurry();
    await this.delivering;
  }

  private add(report: TaskReport): void {
    this.facts = merged(this.facts, report);
    this.wake();
  }

  private hurry(): void {
    this.urgent = true;
    this.pause.hurry();
    this.wake();
  }

  private async deliver(): Promise<void> {
    for (;;) {
      while (!this.hasNews()) await new Promise<void>((resolve) => (this.wakeUp = resolve));
      if (!this.urgent) await this.pause.wait(GATHER_MS);
      this.urgent = this.end !== undefined;
      const parcels = await this.fetchParcels();
      const facts = this.facts;
      this.facts = undefined;
      if (await this.send(facts, parcels)) return;
    }
  }

  private hasNews(): boolean {
    let ready = false;
    for (const [step, output] of this.outputs) {
      if (output.failure !== undefined) throw output.failure;
      if (output.complete) this.letGo(step, output);
      ready ||= output.ready;
    }
    return ready || this.facts !== undefined || (this.end !== undefined && this.outputs.size === 0);
  }

  private async fetchParcels(): Promise<Parcel[]> {
    const parcels: Parcel[] = [];
    let room = ROOM;
    for (const [step, output] of this.outputs) {
      const part = room > 0 ? await output.take(room) : undefined;
      if (part === undefined) continue;
      room -= part.bytes.length;
      parcels.push({ step, output, part });
    }
    return parcels;
  }

  /** True when the end was told. */
  private async send(facts: TaskReport | undefined, parcels: Parcel[]): Promise<boolean> {
    if (!this.together) await this.sendOutput(parcels.splice(0));
    const last = new Set(parcels.filter(({ output, part }) => output.isLast(part)).map(({ step }) => step));
    const isAll = [...this.outputs.keys()].every((step) => last.has(step));
    const finished = isAll ? this.end : undefined;
    if (facts === undefined && parcels.length === 0 && finished === undefined) return false;
    const output = parcels.map(({ step, part }) => asText(step, part));
    const report = {
      steps: [],
      ...facts,
      ...(output.length > 0 && { output }),
      ...(finished && { finished }),
    };
    const { recorded, output: acks } = await this.calls.report(report);
    parcels.forEach((parcel, i) => this.acknowledge(parcel, acks[i]));
    if (!recorded) {
      // Some output of it did not fit to what the server has: all is told again, a moment later, with what it misses.
      this.urgent = false;
      this.facts = facts && merged(facts, this.facts);
      return false;
    }
    if (facts?.started) this.startTold();
    return finished !== undefined;
  }

  private async sendOutput(parcels: Parcel[]): Promise<void> {
    for (const parcel of parcels) {
      const { step, part } = parcel;
      this.acknowledge(parcel, await this.calls.output(step, part.offset, part.bytes));
    }
  }

  private acknowledge({ step, output, part }: Parcel, ack: OutputAck | undefined): void {
    output.acknowledge(ack?.offset ?? part.offset);
    if (output.complete) this.letGo(step, output);
  }

  private letGo(step: number, output: StepOutput): void {
    this.outputs.delete(step);
    void output.dispose();
  }
}

/** Both reports as one; a step that is not told of yet is told of once, as it is in the end. */
function merged(first: TaskReport | undefined, second: TaskReport | undefined): TaskReport {
  const steps = new Map<number, StepReport>();
  for (const step of [...(first?.steps ?? []), ...(second?.steps ?? [])]) steps.set(step.index, step);
  return { ...first, ...second, steps: [...steps.values()] };
}

function asText(step: number, { offset, bytes }: TakenPart): OutputPart {
  return { step, offset, bytes: bytes.toString('base64') };
}
