// Whether a value holds all that is asked of it; the answer says where it does not.

/**
 * Undefined when it does. A mapping asks for its keys only; asked of a list, for the items of those names. Null asks for
 * nothing to be there. A list asks for the same length.
 */
export function missingFrom(actual: unknown, wanted: unknown, at = ''): string | undefined {
  if (wanted === null)
    return actual === undefined || actual === null ? undefined : differs(actual, wanted, at);
  if (Array.isArray(wanted)) {
    if (!Array.isArray(actual) || actual.length !== wanted.length) return differs(actual, wanted, at);
    return first(wanted.map((item, index) => () => missingFrom(actual[index], item, `${at}/${index}`)));
  }
  if (typeof wanted === 'object') {
    if (typeof actual !== 'object' || actual === null) return differs(actual, wanted, at);
    return first(
      Object.entries(wanted).map(
        ([key, item]) =>
          () =>
            missingFrom(member(actual, key), item, `${at}/${key}`),
      ),
    );
  }
  return actual === wanted ? undefined : differs(actual, wanted, at);
}

function member(actual: object, key: string): unknown {
  if (Array.isArray(actual)) return actual.find((item: { name?: unknown } | null) => item?.name === key);
  return Object.hasOwn(actual, key) ? (actual as Record<string, unknown>)[key] : undefined;
}

function first(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const found = check();
    if (found !== undefined) return found;
  }
  return undefined;
}

function differs(actual: unknown, wanted: unknown, at: string): string {
  return `at ${at === '' ? '/' : at}\n  expected ${JSON.stringify(wanted)}\n  found    ${JSON.stringify(actual)}`;
}
