/** Reads YAML into plain data and remembers the line and column of every key. Says what is wrong without quoting the file. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLError } from 'yaml';
import { join } from './path.ts';
import type { Origin, Problem } from './problem.ts';

export interface YamlFile {
  /** `undefined` when the text can't be read as a mapping at all. */
  root: Record<string, unknown> | undefined;
  /** Position of the key (of the entry, in lists). */
  positions: Map<string, Origin>;
  problems: Problem[];
}

const FIXES: Record<string, string> = {
  DUPLICATE_KEY: 'Keep one of the two lines.',
  TAB_AS_INDENT: 'Indent with spaces.',
  BAD_INDENT: 'Line it up with its neighbours, two spaces per level.',
  MULTILINE_IMPLICIT_KEY: 'Probably a missing colon or a missing quote above.',
  MISSING_CHAR: 'Close the quote or the bracket.',
  BAD_SCALAR_START: 'Put the value in quotes.',
};

export function readYaml(text: string, file: string): YamlFile {
  const lines = new LineCounter();
  // prettyErrors would quote the source line, and with it perhaps a password.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): Origin => {
    const { line, col } = lines.linePos(offset);
    return { is: 'file', file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const positions = new Map<string, Origin>([['', { is: 'file', file, line: 1, column: 1 }]]);

  const note = (path: string, node: unknown): void => {
    const range = (node as Node | null)?.range;
    if (range) positions.set(path, at(range[0]));
  };
  const visit = (node: unknown, path: string): void => {
    const target = isAlias(node) ? node.resolve(document) : node;
    if (isMap(target)) {
      for (const pair of target.items) {
        const name = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
        note(join(path, name), pair.key);
        visit(pair.value, join(path, name));
      }
    } else if (isSeq(target)) {
      target.items.forEach((item, index) => {
        note(join(path, index), item);
        visit(item, join(path, index));
      });
    }
  };

  const faults: YAMLError[] = [...document.errors, ...document.warnings];
  const problems = faults.map((fault): Problem => {
    const fix = FIXES[fault.code];
    const what = fault.code === 'DUPLICATE_KEY' ? 'the same key stands twice.' : `not valid YAML (${fault.code}).`;
    return { path: '', at: at(fault.pos[0]), what, ...(fix ? { fix } : {}) };
  });
  const readable = faults.every((fault) => fault.code === 'DUPLICATE_KEY');
  if (!readable) return { root: undefined, positions, problems };
  if (document.contents === null) return { root: {}, positions, problems };
  if (!isMap(document.contents)) {
    const what = 'the file must hold keys and values.';
    return {
      root: undefined,
      positions,
      problems: [...problems, { path: '', at: at(0), what, fix: 'Write `key: value` lines.' }],
    };
  }
  visit(document.contents, '');
  return { root: document.toJS() as Record<string, unknown>, positions, problems };
}
