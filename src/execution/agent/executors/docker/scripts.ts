// The shell scripts that run inside a container. They use what every image with a /bin/sh has, and say what they found
// on stdout with NUL between items. Arguments come as "$1"…, never inside the text.

/**
 * uid, gid, home directory, PATH and the path of `tar` (empty when the image has none) of the user that runs
 * it.
 */
export const PROBE = `
while read -r key value rest; do
  case "$key" in Uid:) uid="$value" ;; Gid:) gid="$value" ;; esac
done </proc/self/status
if [ -z "$HOME" ] && [ -r /etc/passwd ]; then
  while IFS=: read -r name password id group comment home shell; do
    [ "$id" = "$uid" ] && HOME="$home" && break
  done </etc/passwd
fi
printf '%s\\0' "$uid" "$gid" "\${HOME:-/}" "$PATH" "$(command -v tar || :)"`;

/** mkdir -p of $1; the directories that were made belong to $2. */
export const MAKE_DIRECTORY = `
[ -d "$1" ] && exit 0
top="$1"
while parent="\${top%/*}"; [ -n "$parent" ] && [ ! -e "$parent" ] && [ ! -L "$parent" ]; do top="$parent"; done
mkdir -p -- "$1" && chown -R "$2" "$top"`;

/** What is at $1, links followed: \`file <bytes>\`, \`directory 0\`, \`other 0\`, or nothing. */
export const STAT = `
if [ -d "$1" ]; then echo directory 0
elif [ -f "$1" ]; then
  size="$(stat -L -c %s -- "$1" 2>/dev/null)" || size="$(wc -c <"$1")"
  echo file $size
elif [ -e "$1" ]; then echo other 0
fi`;

/** All files and symbolic links below $1, each as ./path. */
export const LIST_FILES = `
cd "$1" || exit 1
if command -v find >/dev/null 2>&1; then exec find . '(' -type f -o -type l ')' -print0; fi
walk() {
  for path in "$1"* "$1".[!.]* "$1"..?*; do
    if [ -L "$path" ] || [ -f "$path" ]; then printf '%s\\0' "$path"
    elif [ -d "$path" ]; then walk "$path/"
    fi
  done
}
walk ./`;

/** Everything exactly $2 levels below $1, each as ./path; links to directories are gone through. */
export const LIST_LEVEL = `
cd "$1" 2>/dev/null || exit 0
if command -v find >/dev/null 2>&1; then
  find -L . -mindepth "$2" -maxdepth "$2" -print0 2>/dev/null
  exit 0
fi
walk() {
  for path in "$1"* "$1".[!.]* "$1"..?*; do
    if [ "$2" -gt 1 ]; then if [ -d "$path" ]; then walk "$path/" $(($2 - 1)); fi
    elif [ -e "$path" ] || [ -L "$path" ]; then printf '%s\\0' "$path"
    fi
  done
}
walk ./ "$2"
exit 0`;

/**
 * A tar of $2… below $1. "." stands for what the directory contains: an entry for the directory itself would,
 * when it is unpacked elsewhere, change that directory's owner and mode.
 */
export const PACK = `
cd "$1" || exit 9
shift
for path do
  [ "$path" = . ] || continue
  set --
  for path in * .[!.]* ..?*; do
    if [ -e "$path" ] || [ -L "$path" ]; then set -- "$@" "$path"; fi
  done
  break
done
if [ $# -eq 0 ]; then exec tar -cf - -T /dev/null; fi
exec tar -cf - -- "$@"`;

/** Unpacks stdin below $1 as the user that runs it. */
export const UNPACK = `exec tar -xpof - -C "$1"`;

/** Unpacks stdin below $1 with the owners that the tar names; for root. */
export const UNPACK_OWNERS = `exec tar -xpf - -C "$1"`;
