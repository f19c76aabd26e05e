/** The few simple disguises that people put on a known password, undone. Every step is linear in the length. */

const LEET: Record<string, string> = {
  '0': 'o',
  '1': 'l',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '9': 'g',
  '@': 'a',
  $: 's',
  '!': 'i',
  '|': 'l',
  '+': 't',
};

const unleet = (text: string): string => Array.from(text, (char) => LEET[char] ?? char).join('');

const bare = (text: string): string => text.replace(/^[^\p{L}]+/u, '').replace(/[^\p{L}]+$/u, '');

/** The shortest unit that `text` is a repetition of: "abcabc" → "abc". */
function unit(text: string): string {
  const at = (text + text).indexOf(text, 1);
  return at > 0 && at < text.length ? text.slice(0, at) : text;
}

/** The password itself and what it would be without disguise; each once, none empty. */
export function derivatives(password: string): string[] {
  const lower = password.normalize('NFKC').toLowerCase();
  const spaceless = lower.replace(/\s+/gu, '');
  const forms = [
    lower,
    spaceless,
    unit(spaceless),
    bare(spaceless),
    unleet(spaceless),
    bare(unleet(spaceless)),
    unleet(bare(spaceless)),
    unit(bare(unleet(spaceless))),
    // The one digit that stands for two letters.
    bare(unleet(spaceless.replaceAll('1', 'i'))),
  ];
  return [...new Set(forms)].filter((form) => form.length > 0);
}
