/** Distinguished names (RFC 4514) and the names that people type, compared strictly enough for a security decision. */

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

/** A form in which two spellings of the same DN are equal: case, spaces around separators, escapes. */
export const normaliseDn = (dn: string): string =>
  JSON.stringify(
    split(dn, ',;').map((rdn) =>
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

export const sameDn = (a: string, b: string): boolean => normaliseDn(a) === normaliseDn(b);

/** Longer than any username or mail address (RFC 5321 §4.5.3.1). */
const LONGEST = 320;

/** What a person typed, ready for a search; undefined when it can't name anybody. */
export function identifierOf(typed: string): string | undefined {
  const identifier = typed.trim().normalize('NFC');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  const hostile = /[\u0000-\u001f\u007f\ufffe\uffff]|\p{Surrogate}/u.test(identifier);
  return identifier === '' || identifier.length > LONGEST || hostile ? undefined : identifier;
}

/**
 * Equal but for case. Directories match more loosely (full-width letters, accents, the Kelvin sign), so their answer is
 * compared once more: a look-alike must not reach somebody else's account (attack A5).
 */
export function sameName(typed: string, stored: string): boolean {
  const ascii = (value: string) => /^[\u0020-\u007e]*$/.test(value);
  const fold = (value: string) => value.normalize('NFC').toLowerCase();
  return fold(typed) === fold(stored) && ascii(typed) === ascii(stored);
}
