// The `run` step, and the old `deploy`, which is the same with another name (LANGUAGE C-235 to C-248).
import { fault, type Place } from '../problems/fault.js';
import type { RunStep, StepWhen } from './plan.types.js';
import { durationSeconds, environmentOf, requiredText, textOf } from './values.js';

/** Seconds without output after which a step is stopped (C-242). */
const NO_OUTPUT_SECONDS = 600;
const MAX_RERUNS = 5;
const MAX_RERUN_DELAY_SECONDS = 600;

export function planRun(options: Record<string, unknown>, at: Place, when: StepWhen): RunStep {
  const command = requiredText(options, 'command', at);
  const background = options.background === true;
  const { max_auto_reruns: reruns, auto_rerun_delay: delay } = options;
  const hasReruns = reruns !== undefined && reruns !== null;
  const hasDelay = delay !== undefined && delay !== null;
  if (background && (hasReruns || hasDelay)) {
    throw fault('Background steps cannot use max_auto_reruns or auto_rerun_delay fields', at);
  }
  if (hasReruns && !(Number.isInteger(reruns) && Number(reruns) >= 1 && Number(reruns) <= MAX_RERUNS)) {
    throw fault(`[${at.pointer}/max_auto_reruns] expected an integer from 1 to ${MAX_RERUNS}`, at);
  }
  if (hasDelay && !hasReruns) throw fault(`[${at.pointer}] auto_rerun_delay needs max_auto_reruns`, at);
  const delaySeconds = durationSeconds(delay, 0, { ...at, pointer: `${at.pointer}/auto_rerun_delay` });
  if (delaySeconds > MAX_RERUN_DELAY_SECONDS) {
    throw fault(`[${at.pointer}/auto_rerun_delay] may be at most 10m`, at);
  }
  const shell = shellOf(options.shell);
  const workingDirectory = textOf(options.working_directory);
  return {
    type: 'run',
    name: textOf(options.name) || command,
    when,
    command,
    ...(shell !== undefined && { shell }),
    environment: environmentOf(options.environment),
    ...(workingDirectory !== undefined && { workingDirectory }),
    background,
    noOutputTimeoutSeconds: durationSeconds(options.no_output_timeout, NO_OUTPUT_SECONDS, {
      ...at,
      pointer: `${at.pointer}/no_output_timeout`,
    }),
    maxAutoReruns: hasReruns ? Number(reruns) : 0,
    autoRerunDelaySeconds: delaySeconds,
  };
}

/** A command line; a list of words is joined (C-211). */
export function shellOf(value: unknown): string | undefined {
  return Array.isArray(value) ? value.map((word) => textOf(word) ?? '').join(' ') : textOf(value);
}
