/** The names that people type, compared strictly enough for a security decision. */

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
