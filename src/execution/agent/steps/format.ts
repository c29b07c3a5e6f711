// Durations and sizes as the original product writes them in step output.

/** Go's form of a duration: 600 -> `10m0s`, 5 -> `5s`, 4500 -> `1h15m0s`, 0.2 -> `200ms`. */
export function goDuration(seconds: number): string {
  if (seconds > 0 && seconds < 1) return `${trimmed(seconds * 1000)}ms`;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = trimmed(seconds - hours * 3600 - minutes * 60);
  if (hours > 0) return `${hours}h${minutes}m${rest}s`;
  return minutes > 0 ? `${minutes}m${rest}s` : `${rest}s`;
}

/** 9961472 -> `9.5 MiB`, 236978176 -> `226 MiB`: one decimal below ten, as Go's humanize has it. */
export function size(bytes: number): string {
  return humanized(bytes, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']);
}

/** 3600000000 -> `3.6 GB`, 89000000 -> `89 MB`. */
export function decimalSize(bytes: number): string {
  return humanized(bytes, 1000, ['B', 'kB', 'MB', 'GB', 'TB']);
}

/** Go's form of a time: `2020-03-28 04:22:47 +0000 UTC`. `iso`: in ISO 8601. */
export function goTime(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
}

function humanized(bytes: number, base: number, units: readonly string[]): string {
  let unit = 0;
  let value = bytes;
  for (; value >= base && unit < units.length - 1; unit++) value /= base;
  const rounded = Math.floor(value * 10 + 0.5) / 10;
  return `${unit === 0 ? bytes : rounded.toFixed(rounded < 10 ? 1 : 0)} ${units[unit]}`;
}

function trimmed(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
