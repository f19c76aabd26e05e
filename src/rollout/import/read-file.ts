/** A file or a text of any kind we know, as lines to be looked at: the same for the command line and the console. */
import { type ColumnName, entryOf, headerOf, rowOf } from './csv.ts';
import { type Encoding, linesOf } from './encoding.ts';
import { type Entry, type Question, type ReadLine, UnusableFile } from './entry.ts';
import { ldifEntries, usernameOf } from './ldif.ts';
import { readResponseSet } from './pwm.ts';
import { readAnswers } from './ssp.ts';

export interface ReadOptions {
  kind: 'csv' | 'pwm' | 'ssp';
  encoding: Encoding;
  /** Names of columns in this file. */
  columns?: Partial<Record<ColumnName, string>>;
  /** Attribute of an LDIF that holds the answers. */
  attribute?: string;
  /** Wording of questions of Self Service Password, by id. */
  questions?: Readonly<Record<string, string>>;
}

const ATTRIBUTES = { pwm: 'pwmresponseset', ssp: 'info' } as const;

/** The same bytes twice: once to see what it is, once to read it. */
export type OpenBytes = () => AsyncIterable<Uint8Array>;

const isLdif = (text: string): boolean => /^(version: *1|dn::? |#)/i.test(text);

const answersOf = (kind: 'pwm' | 'ssp', values: readonly string[], texts: ReadOptions['questions'] = {}) => {
  if (kind === 'ssp') return readAnswers(values, texts);
  const sets = values.map(readResponseSet);
  return sets.find(({ is }) => is === 'set') ?? sets[0] ?? { is: 'fault' as const, says: 'There are no answers.' };
};

function person(line: number, who: Pick<Entry, 'username' | 'dn'>, found: ReturnType<typeof answersOf>): ReadLine {
  const { username } = who;
  if (username === '' && who.dn === undefined)
    return { is: 'broken', line, username: '', says: 'There is no username.' };
  if (found.is === 'fault') return { is: 'broken', line, username, says: found.says };
  const questions: readonly Question[] = found.questions;
  return { is: 'entry', line, entry: { ...who, questions } };
}

/** `onNote`: sentences about the whole. @throws UnusableFile */
export async function* readFile(
  open: OpenBytes,
  options: ReadOptions,
  onNote: (says: string) => void = () => {},
): AsyncGenerator<ReadLine> {
  const { kind } = options;
  let first = '';
  for await (const { text } of linesOf(open(), options.encoding)) {
    first = text.replace(/^\uFEFF/, '').trim();
    if (first !== '') break;
  }
  if (first === '') throw new UnusableFile('The file is empty.');
  if (kind !== 'csv' && isLdif(first)) {
    const attribute = (options.attribute ?? ATTRIBUTES[kind]).toLowerCase();
    onNote(`The file is LDIF; the answers are in ${attribute}.`);
    for await (const entry of ldifEntries(linesOf(open(), options.encoding))) {
      const values = entry.attributes.get(attribute);
      const who = { username: usernameOf(entry), dn: entry.dn };
      if (entry.problem) yield { is: 'broken', line: entry.line, username: who.username, says: entry.problem };
      else if (!values)
        yield { is: 'broken', line: entry.line, username: who.username, says: `The entry has no ${attribute}.` };
      else yield person(entry.line, who, answersOf(kind, values, options.questions));
    }
    return;
  }
  const wanted: ColumnName[] = kind === 'csv' ? ['username', 'mail', 'phone', 'language'] : ['username', 'dn', 'value'];
  const header = headerOf(first, options.columns ?? {}, wanted);
  if (kind !== 'csv' && header.columns.value === undefined)
    throw new UnusableFile('No column holds the answers; name it with --column value=….');
  for (const says of header.says) onNote(says);
  let begun = false;
  for await (const line of linesOf(open(), options.encoding)) {
    if (!begun) {
      begun = line.text.replace(/^\uFEFF/, '').trim() !== '';
      continue;
    }
    const row = rowOf(line, header);
    if (row === undefined) continue;
    if ('is' in row) yield row;
    else if (kind === 'csv') yield entryOf(row);
    else {
      const { username = '', dn, value } = row.values;
      const found = answersOf(kind, value === undefined ? [] : [value], options.questions);
      yield person(row.line, { username, ...(dn ? { dn } : {}) }, found);
    }
  }
}
