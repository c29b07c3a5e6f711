// Go's filepath.Match for one component of a path (LANGUAGE C-273): `*`, `?`, `[a-z]`, `[^a-z]`, `\` as escape.

/** True when the component is more than plain text. */
export function hasMeta(component: string): boolean {
  return /[*?[\\]/.test(component);
}

/** A test for one path component. Throws `syntax error in pattern` for a malformed one, as Go does. */
export function goMatch(component: string): RegExp {
  let source = '';
  const chars = [...component];
  let at = 0;
  const bad = (): Error => new Error(`syntax error in pattern: ${component}`);
  const literal = (): string => {
    let char = chars[at++];
    if (char === '\\') char = chars[at++];
    if (char === undefined) throw bad();
    return char.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  };
  while (at < chars.length) {
    const char = chars[at];
    if (char === '*') source += '[^/]*';
    else if (char === '?') source += '[^/]';
    else if (char === '[') {
      at++;
      const negated = chars[at] === '^';
      if (negated) at++;
      let ranges = '';
      for (let count = 0; count === 0 || chars[at] !== ']'; count++) {
        if (chars[at] === '-' || chars[at] === ']') throw bad();
        const low = literal();
        if (chars[at] !== '-') {
          ranges += low;
          continue;
        }
        at++;
        if (chars[at] === '-' || chars[at] === ']') throw bad();
        const high = literal();
        // Go: a range that is upside down matches nothing; a regular expression would refuse it.
        if ((low.at(-1) ?? '') <= (high.at(-1) ?? '')) ranges += `${low}-${high}`;
      }
      // An empty class matches nothing, in regular expressions as well.
      source += `[${negated ? '^/' : ''}${ranges}]`;
    } else {
      source += literal();
      continue;
    }
    at++;
  }
  return new RegExp(`^${source}$`, 'su');
}
