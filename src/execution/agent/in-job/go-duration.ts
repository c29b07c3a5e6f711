// Durations as programs in Go read them from their flags.

const SECONDS_IN = { ns: 1e-9, us: 1e-6, µs: 1e-6, μs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 } as const;
const WHOLE = /^[+-]?(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))*$/;
const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;

/** Seconds of `10s`, `1m30s`, `0.5h`, `0`; undefined for what is no duration, such as `10`. */
export function parseGoDuration(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0;
  if (!WHOLE.test(text)) return undefined;
  let seconds = 0;
  for (const [, value, unit] of text.matchAll(PART)) {
    seconds += Number(value) * SECONDS_IN[unit as keyof typeof SECONDS_IN];
  }
  return text.startsWith('-') ? -seconds : seconds;
}
