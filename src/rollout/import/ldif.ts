/** LDIF (RFC 2849) as `ldapsearch` writes it: one entry after the other, folded lines and base64 read, nothing fetched by URL. */
import type { TextLine } from './encoding.ts';

export interface LdifEntry {
  /** Where it begins. */
  line: number;
  dn: string;
  /** By lower-case name. */
  attributes: ReadonlyMap<string, readonly string[]>;
  /** Why a part could not be read. */
  problem?: string;
}

const MOST_LINES = 5_000;
const LINE = /^([A-Za-z][A-Za-z0-9;.-]*):(:|<)? *(.*)$/s;

const decode = (text: string): string => Buffer.from(text, 'base64').toString('utf8');

function entryOf(line: number, unfolded: readonly string[]): LdifEntry | undefined {
  const attributes = new Map<string, string[]>();
  let problem: string | undefined;
  for (const one of unfolded) {
    const found = LINE.exec(one);
    if (!found) {
      problem = 'A line of the entry is no LDIF.';
      continue;
    }
    const [, name = '', kind, value = ''] = found;
    if (kind === '<') {
      problem = `${name} names a file or an address; those are not read.`;
      continue;
    }
    const key = (name.split(';')[0] ?? name).toLowerCase();
    attributes.set(key, [...(attributes.get(key) ?? []), kind === ':' ? decode(value) : value]);
  }
  const dn = attributes.get('dn')?.[0];
  // The version line, what a search tells at its end.
  if (dn === undefined) return undefined;
  attributes.delete('dn');
  return { line, dn, attributes, ...(problem ? { problem } : {}) };
}

export async function* ldifEntries(lines: AsyncIterable<TextLine>): AsyncGenerator<LdifEntry> {
  let begun = 0;
  let unfolded: string[] = [];
  let inComment = false;
  const made = (): LdifEntry | undefined => {
    const entry = unfolded.length > 0 ? entryOf(begun, unfolded) : undefined;
    unfolded = [];
    return entry;
  };
  for await (const { number, text, cut } of lines) {
    if (text === '' && !cut) {
      const entry = made();
      if (entry) yield entry;
      inComment = false;
    } else if (text.startsWith(' ')) {
      if (!inComment && unfolded.length > 0) unfolded.push(`${unfolded.pop()}${text.slice(1)}`);
    } else if (text.startsWith('#')) inComment = true;
    else {
      inComment = false;
      if (unfolded.length === 0) begun = number;
      if (unfolded.length < MOST_LINES) unfolded.push(cut ? 'x' : text);
    }
  }
  const last = made();
  if (last) yield last;
}

/** What a person goes by, in the order of preference. */
const NAMES = ['uid', 'samaccountname', 'userprincipalname', 'cn'];

export const usernameOf = ({ attributes }: LdifEntry): string =>
  NAMES.map((name) => attributes.get(name)?.[0]).find((value) => value !== undefined && value !== '') ?? '';
