/** What fingers type without thinking: runs of neighbouring keys, and words with the hands one key beside their place. */

const ROWS = {
  us: ['`1234567890-=', 'qwertyuiop[]\\', "asdfghjkl;'", 'zxcvbnm,./'],
  german: ['^1234567890ß´', 'qwertzuiopü+', 'asdfghjklöä#', 'yxcvbnm,.-'],
  french: ['²&é"\'(-è_çà)=', 'azertyuiop^$', 'qsdfghjklmù*', 'wxcvbn,;:!'],
};
const SHIFTED = ['~!@#$%^&*()_+', '°!"§$%&/()=?`'];
const ORDERED = [
  'abcdefghijklmnopqrstuvwxyz',
  '0123456789',
  'абвгдежзийклмнопрстуфхцчшщъыьэюя',
  'ابتثجحخدذرزسشصضطظعغفقكلمنهوي',
];
const PAD = ['789', '456', '123', '741', '852', '963'];

/** The n-th key of every row, where all four rows have one: "1qaz", "2wsx". */
const columns = (rows: readonly string[]): string[] =>
  Array.from({ length: 10 }, (_, n) => rows.map((row, at) => row[at === 0 ? n + 1 : n] ?? '').join(''));

/** Passwords are read without marks (fold in normalise.ts), so keys are, too. */
const withoutMarks = (line: string): string => line.normalize('NFKD').replace(/\p{Mn}/gu, '');

const LINES = [
  ...new Set([...Object.values(ROWS).flatMap((rows) => [...rows, ...columns(rows)]), ...SHIFTED, ...ORDERED, ...PAD]),
].map((line) => Array.from(withoutMarks(line)));

/** Every place of a character on a line. */
const PLACES = new Map<string, { line: readonly string[]; at: number }[]>();
for (const line of LINES)
  for (const [at, char] of line.entries()) PLACES.set(char, [...(PLACES.get(char) ?? []), { line, at }]);

/** How many characters from `from` on follow a line of keys, an alphabet or each other ("aaa"); 1 when none do. */
export function runFrom(chars: readonly string[], from: number): number {
  let longest = 1;
  while (chars[from + longest] === chars[from] && from + longest < chars.length) longest += 1;
  for (const { line, at } of PLACES.get(chars[from] ?? '') ?? [])
    for (const step of [1, -1]) {
      let length = 1;
      while (from + length < chars.length && line[at + step * length] === chars[from + length]) length += 1;
      longest = Math.max(longest, length);
    }
  return longest;
}

const moved = (rows: readonly string[], by: number): Map<string, string> =>
  new Map(rows.flatMap((row) => Array.from(row, (char, at): [string, string] => [char, row[at + by] ?? char])));

const MOVES = [ROWS.us, ROWS.german].flatMap((rows) => [moved(rows, -1), moved(rows, 1)]);

/** `text` as it would be had the hands lain one key further to the left or to the right. */
export const onOtherKeys = (text: string): string[] =>
  MOVES.map((move) => Array.from(text, (char) => move.get(char) ?? char).join(''));
