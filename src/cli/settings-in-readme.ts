// Keeps the settings table of the README true: `rotunda admin settings --write README.md`; a test compares.
import { settingsTable } from '../../config/settings.js';

const START = '<!-- settings -->';
const END = '<!-- /settings -->';

/** The text with the table between its two marks; throws when the marks are missing. */
export function withSettingsTable(readme: string): string {
  const from = readme.indexOf(START);
  const to = readme.indexOf(END);
  if (from < 0 || to < from) throw new Error(`the text lacks the marks ${START} and ${END}`);
  return `${readme.slice(0, from + START.length)}\n\n${settingsTable()}\n\n${readme.slice(to)}`;
}
