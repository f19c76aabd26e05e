/**
 * File, environment and stored values as one configuration. A stored value that the file fixes meanwhile, or that is no longer valid,
 * is left out with the reason; whatever is stored, a node can start.
 */
import type { Layers, LoadedConfig, StoredValues } from '../config/load.ts';
import { placeOf, renderProblems } from '../config/problem.ts';
import type { Registries } from '../config/schema.ts';
import { editableOf } from './editable.ts';

export interface Ignored {
  path: string;
  /** A sentence without the path. */
  why: string;
}

export interface Effective<R extends Registries = Registries> {
  loaded: Extract<LoadedConfig<R>, { is: 'ok' }>;
  /** Those that count. */
  values: StoredValues;
  ignored: readonly Ignored[];
}

/** Whether what is wrong there can come from the value of that path. */
const touches = (broken: string, stored: string): boolean =>
  broken === stored ||
  broken.startsWith(`${stored}.`) ||
  broken.startsWith(`${stored}[`) ||
  stored.startsWith(`${broken}.`);

/** @throws Error when file and environment alone are not valid any more (a secret file that is gone). */
export function effective<R extends Registries>(
  layers: Layers<R>,
  { number, values }: { number: number; values: StoredValues },
): Effective<R> {
  const ignored: Ignored[] = [];
  const left: Record<string, unknown> = { ...values };
  const leave = (path: string, why: string): void => {
    delete left[path];
    ignored.push({ path, why });
  };
  const known = new Set(editableOf(layers as unknown as Layers).map(({ path }) => path));
  for (const path of Object.keys(left)) {
    const fixed = layers.fixedAt(path);
    if (fixed) leave(path, `fixed by the file (${placeOf(fixed)}).`);
    else if (!known.has(path)) leave(path, 'can’t be set here.');
  }
  for (;;) {
    const loaded = layers.over(left, number);
    if (loaded.is === 'ok') return { loaded, values: left, ignored };
    const paths = Object.keys(left);
    if (paths.length === 0) throw new Error(renderProblems(loaded.problems));
    const guilty = paths.filter((path) => loaded.problems.some((problem) => touches(problem.path, path)));
    const why = (path: string) =>
      loaded.problems.find((problem) => touches(problem.path, path))?.what ?? loaded.problems[0]?.what ?? '';
    for (const path of guilty.length > 0 ? guilty : paths) leave(path, why(path));
  }
}
