/** Names and brand fields come from people and files: they are cut to one harmless line before they go into a mail. */

// Controls, line separators, and marks that turn the direction of what follows.
const INVISIBLE = /[\p{Cc}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]+/gu;

export const oneLine = (text: string, longest = 200): string => {
  const line = text.replace(INVISIBLE, ' ').replace(/\s+/g, ' ').trim();
  const characters = Array.from(line);
  return characters.length <= longest ? line : `${characters.slice(0, longest - 1).join('')}…`;
};

/** Mail programs turn these into links by themselves, so they don't belong into a greeting. */
const LINKABLE = /[@/\\<>]|www\.|\.\p{L}{2}/iu;

/** Undefined: nothing that should be greeted. */
export const greetable = (name: string): string | undefined => {
  const line = oneLine(name, 60);
  return line === '' || LINKABLE.test(line) ? undefined : line;
};
