// Words, marks and colours of what the command line shows.
export type Colour = 'green' | 'red' | 'yellow' | 'cyan' | 'grey' | 'bold';

const CODES: Record<Colour, number> = { green: 32, red: 31, yellow: 33, cyan: 36, grey: 90, bold: 1 };

export type Paint = (colour: Colour, text: string) => string;

export function paintFor(colours: boolean): Paint {
  return (colour, text) => (colours ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text);
}

export function colourOf(status: string): Colour {
  if (status === 'success') return 'green';
  if (['failed', 'timedout', 'infrastructure_fail', 'unauthorized', 'error', 'errored'].includes(status))
    return 'red';
  if (['running', 'failing'].includes(status)) return 'cyan';
  return ['canceled', 'on_hold'].includes(status) ? 'yellow' : 'grey';
}

const MARKS: Record<string, string> = {
  success: '✓',
  running: '●',
  queued: '○',
  blocked: '·',
  not_run: '-',
  on_hold: '‖',
  canceled: '■',
};

export function markOf(status: string): string {
  return MARKS[status] ?? (colourOf(status) === 'red' ? '✗' : '·');
}

/** `not_run` as people write it. */
export function words(status: string): string {
  return status === 'infrastructure_fail' ? 'infrastructure failure' : status.replaceAll('_', ' ');
}

/** `0.4 s`, `12 s`, `3 m 05 s` of milliseconds. */
export function duration(ms: number): string {
  if (ms < 10_000) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, '0')} s`;
}

/** Escape sequences that move the cursor or clear the screen, and other control characters; colours stay. */
const CONTROL = new RegExp(
  String.raw`\u001b\[[0-9;?]*[A-LN-Za-ln-z]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[\u0000-\u0008\u000b-\u001a]`,
  'g',
);
const COLOURS = new RegExp(String.raw`\u001b\[[0-9;]*m`, 'g');

/** A line of output as it is to be shown: what a carriage return has overwritten is gone. */
export function shown(line: string, colours: boolean): string {
  const trimmed = line.replace(/\r+$/, '');
  const last = trimmed.slice(trimmed.lastIndexOf('\r') + 1).replace(CONTROL, '');
  if (!colours) return last.replace(COLOURS, '');
  return last.includes('\u001b[') ? `${last}\u001b[0m` : last;
}
