/** Distinguished names (RFC 4514), compared strictly enough for a security decision. A plain name is compared as one. */

/** Splits at unescaped separators. */
function split(dn: string, separators: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (let index = 0; index < dn.length; index += 1) {
    const char = dn[index] as string;
    if (char === '\\') {
      part += char + (dn[index + 1] ?? '');
      index += 1;
    } else if (separators.includes(char)) {
      parts.push(part);
      part = '';
    } else part += char;
  }
  parts.push(part);
  return parts;
}

const unescaped = (value: string): string =>
  value
    .replace(/((?:\\[0-9a-fA-F]{2})+)/g, (hex) => Buffer.from(hex.replaceAll('\\', ''), 'hex').toString('utf8'))
    .replace(/\\(.)/g, '$1');

/** The parts of a DN, each in a form in which two spellings of the same are equal. */
const partsOf = (dn: string): string[] =>
  split(dn, ',;').map((rdn) =>
    JSON.stringify(
      split(rdn, '+')
        .map((pair) => {
          const at = pair.indexOf('=');
          const value = unescaped(pair.slice(at + 1).trim())
            .trim()
            .replace(/ +/g, ' ');
          return `${pair.slice(0, at).trim()}=${value}`.normalize('NFC').toLowerCase();
        })
        .sort(),
    ),
  );

/** A form in which two spellings of the same DN are equal: case, spaces around separators, escapes. */
export const normaliseDn = (dn: string): string => `[${partsOf(dn).join(',')}]`;

/** Below `base`, at any depth; `base` itself is not. An empty base holds nothing. */
export function isBelow(dn: string, base: string): boolean {
  if (base.trim() === '') return false;
  const own = partsOf(dn);
  const above = partsOf(base);
  return own.length > above.length && above.every((part, n) => part === own[own.length - above.length + n]);
}

export const sameDn = (a: string, b: string): boolean => normaliseDn(a) === normaliseDn(b);
