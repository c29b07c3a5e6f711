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

/** 9961472 -> `9.5 MiB`. */
export function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

function trimmed(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
