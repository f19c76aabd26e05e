/**
 * Which words of a long list are one edit away (a letter more, less, other, or two swapped), in a time that does not
 * depend on the length of the list: two texts one edit apart have a deletion in common (Mor and Fraenkel 1982, known
 * from SymSpell), so all deletions are kept in one hash table and every hit is checked. About 8 bytes a deletion.
 */

/** Shorter texts are one edit away from everything. */
const SHORTEST = 6;

export interface OneEdit {
  has(text: string): boolean;
}

export function createOneEdit(words: readonly string[]): OneEdit {
  const listed = words.filter((word) => word.length >= SHORTEST - 1);
  const longest = listed.reduce((most, { length }) => Math.max(most, length), 0);
  const entries = listed.reduce((sum, { length }) => sum + length + 1, 0);
  const size = 2 ** Math.ceil(Math.log2(entries * 1.5 + 2));
  const hashes = new Uint32Array(size);
  /** Number of the word plus one; 0 is a free place. */
  const owners = new Uint32Array(size);

  for (const [number, word] of listed.entries())
    for (let left = -1; left < word.length; left += 1) {
      const hash = hashWithout(word, left);
      let place = hash & (size - 1);
      while (owners[place] !== 0) place = (place + 1) & (size - 1);
      hashes[place] = hash;
      owners[place] = number + 1;
    }

  return {
    has(text) {
      if (text.length < SHORTEST || text.length > longest + 1) return false;
      for (let left = -1; left < text.length; left += 1) {
        const hash = hashWithout(text, left);
        for (let place = hash & (size - 1); owners[place] !== 0; place = (place + 1) & (size - 1))
          if (hashes[place] === hash && isOneEdit(text, listed[(owners[place] ?? 0) - 1] ?? '')) return true;
      }
      return false;
    },
  };
}

/** FNV-1a of `text` without the character at `left`; -1 leaves all. */
function hashWithout(text: string, left: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) if (at !== left) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  // The low bits choose the place: let the high ones take part.
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** Equal, or one insertion, deletion, replacement or swap of neighbours apart. */
export function isOneEdit(a: string, b: string): boolean {
  if (a.length < b.length) return isOneEdit(b, a);
  if (a.length - b.length > 1) return false;
  let at = 0;
  while (at < b.length && a[at] === b[at]) at += 1;
  if (a.slice(at + 1) === b.slice(a.length === b.length ? at + 1 : at)) return true;
  return a.length === b.length && a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
}
