/**
 * A list as CSV: delimiter and columns are found from the first line; each line stands for itself, so that a broken one spoils no
 * other. A line break inside quotes is broken, too: no name, address or number has one.
 */
import { parse } from 'csv-parse/sync';
import type { TextLine } from './encoding.ts';
import { cellFault, type Entry, type ReadLine, UnusableFile } from './entry.ts';

const DELIMITERS = [',', ';', '\t', '|'] as const;
type Delimiter = (typeof DELIMITERS)[number];
const NAMES: Record<Delimiter, string> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars' };

/** What a column may be called, bare. */
const COLUMNS = {
  username: [
    'username',
    'user',
    'login',
    'uid',
    'samaccountname',
    'userprincipalname',
    'account',
    'benutzername',
    'benutzer',
    'konto',
    'اسمالمستخدم',
  ],
  mail: [
    'mail',
    'email',
    'emailaddress',
    'address',
    'privatemail',
    'privateemail',
    'mailadresse',
    'emailadresse',
    'البريد',
  ],
  phone: ['phone', 'mobile', 'mobilephone', 'telephone', 'tel', 'cell', 'telefon', 'handy', 'mobil', 'الهاتف'],
  language: ['language', 'lang', 'locale', 'preferredlanguage', 'sprache', 'اللغة'],
  /** Whatever an attribute held, for lists out of a directory. */
  value: ['pwmresponseset', 'responseset', 'responses', 'info', 'answers', 'answer', 'value'],
  dn: ['dn', 'distinguishedname'],
} as const;
export type ColumnName = keyof typeof COLUMNS;

const bare = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');

const cells = (text: string, delimiter: string): string[] | undefined => {
  try {
    return (parse(text, { delimiter, relax_column_count: true, trim: true, bom: true }) as string[][])[0] ?? [];
  } catch {
    return undefined;
  }
};

export interface Header {
  delimiter: Delimiter;
  /** Position of each column that is known. */
  columns: Partial<Record<ColumnName, number>>;
  width: number;
  says: string[];
}

/** `mapping`: names of columns in this file, where they are called otherwise. @throws UnusableFile with a sentence. */
export function headerOf(
  line: string,
  mapping: Partial<Record<ColumnName, string>>,
  wanted: readonly ColumnName[],
): Header {
  const aliases = (name: ColumnName): readonly string[] => {
    const own = mapping[name];
    return own === undefined ? COLUMNS[name] : [bare(own)];
  };
  const tried = DELIMITERS.map((delimiter) => {
    const titles = cells(line, delimiter) ?? [];
    const columns: Header['columns'] = {};
    for (const [index, title] of titles.entries())
      for (const name of wanted) if (aliases(name).includes(bare(title))) columns[name] ??= index;
    return { delimiter, titles, columns };
  });
  const [best] = tried.toSorted(
    (a, b) => Object.keys(b.columns).length - Object.keys(a.columns).length || b.titles.length - a.titles.length,
  );
  if (!best || (best.columns.username === undefined && best.columns.dn === undefined)) {
    const seen = (best?.titles ?? []).slice(0, 8).map((title) => JSON.stringify(title.slice(0, 40)));
    throw new UnusableFile(
      `The first line must name the columns, one of them username; found: ${seen.join(', ') || 'nothing'}. Columns may be separated by commas, semicolons, tabs or bars; name one that is called otherwise with --column username=….`,
    );
  }
  const used = new Set(Object.values(best.columns));
  const unused = best.titles.filter((title, index) => !used.has(index) && title !== '');
  return {
    delimiter: best.delimiter,
    columns: best.columns,
    width: best.titles.length,
    says: [
      `Columns are separated by ${NAMES[best.delimiter]}: ${Object.keys(best.columns).join(', ')}.`,
      ...(unused.length > 0
        ? [
            `Not used: ${unused
              .slice(0, 10)
              .map((one) => one.slice(0, 40))
              .join(', ')}.`,
          ]
        : []),
    ],
  };
}

export interface Row {
  line: number;
  values: Partial<Record<ColumnName, string>>;
}

/** A row, or why it is none. Empty lines are skipped. */
export function rowOf(
  { number, text, cut }: TextLine,
  header: Header,
): Row | Extract<ReadLine, { is: 'broken' }> | undefined {
  const broken = (says: string, username = '') => ({ is: 'broken' as const, line: number, username, says });
  if (cut) return broken('The line is too long to be read.');
  if (text.trim() === '') return undefined;
  const found = cells(text, header.delimiter);
  if (!found) return broken('The line is broken: a quotation mark is missing or stands in the wrong place.');
  const values: Row['values'] = {};
  for (const [name, index] of Object.entries(header.columns)) {
    const value = found[index]?.trim();
    if (value) values[name as ColumnName] = value;
  }
  const who = (values.username ?? values.dn ?? '').slice(0, 100);
  if (found.length !== header.width)
    return broken(`The line has ${found.length} columns instead of ${header.width}.`, who);
  return { line: number, values };
}

/** A row of the generic list. */
export function entryOf({ line, values }: Row): ReadLine {
  const { username = '', mail, phone, language } = values;
  const broken = (says: string): ReadLine => ({ is: 'broken', line, username: username.slice(0, 100), says });
  if (username === '') return broken('There is no username.');
  for (const [name, value] of Object.entries({ username, mail, phone, language })) {
    const fault = value === undefined ? undefined : cellFault(name, value);
    if (fault) return broken(fault);
  }
  if (mail === undefined && phone === undefined && language === undefined)
    return broken('There is nothing beside the username.');
  const entry: Entry = {
    username,
    ...(mail ? { mail } : {}),
    ...(phone ? { phone } : {}),
    ...(language ? { language } : {}),
  };
  return { is: 'entry', line, entry };
}
