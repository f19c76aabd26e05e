/**
 * The GSM 03.38 alphabet and how a text is cut into segments. No cut goes through an escape sequence or a surrogate pair, so
 * every segment can be decoded by itself.
 */

export type Alphabet = 'gsm' | 'ucs2';

const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const ESCAPE = 0x1b;
const EXTENSION: Record<string, number> = {
  '\f': 0x0a,
  '^': 0x14,
  '{': 0x28,
  '}': 0x29,
  '\\': 0x2f,
  '[': 0x3c,
  '~': 0x3d,
  ']': 0x3e,
  '|': 0x40,
  '€': 0x65,
};

const septets = new Map<string, number[]>([
  ...[...BASIC].map((char, code): [string, number[]] => [char, [code]]).filter(([char]) => char !== '\u001b'),
  ...Object.entries(EXTENSION).map(([char, code]): [string, number[]] => [char, [ESCAPE, code]]),
]);

/** Octets in one segment: alone, and as part of a longer message with a 6-octet user data header. */
const ROOM = { gsm: { alone: 160, part: 153 }, ucs2: { alone: 140, part: 134 } } as const;

export const alphabetOf = (text: string): Alphabet => ([...text].every((char) => septets.has(char)) ? 'gsm' : 'ucs2');

const encodeChar = (char: string, alphabet: Alphabet): Buffer =>
  alphabet === 'gsm' ? Buffer.from(septets.get(char) ?? [0x3f]) : Buffer.from(char, 'utf16le').swap16();

export interface Segmented {
  alphabet: Alphabet;
  /** One septet per octet for `gsm` (unpacked, as SMPP wants it), UTF-16BE for `ucs2`. */
  parts: Buffer[];
}

export function segment(text: string): Segmented {
  const alphabet = alphabetOf(text);
  const units = [...text].map((char) => encodeChar(char, alphabet));
  const whole = Buffer.concat(units);
  const { alone, part } = ROOM[alphabet];
  if (whole.length <= alone) return { alphabet, parts: [whole] };
  const parts: Buffer[][] = [[]];
  let filled = 0;
  for (const unit of units) {
    if (filled + unit.length > part) {
      parts.push([]);
      filled = 0;
    }
    parts.at(-1)?.push(unit);
    filled += unit.length;
  }
  return { alphabet, parts: parts.map((unit) => Buffer.concat(unit)) };
}
