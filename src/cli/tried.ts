/** Tries one part for real: what fails becomes a finding with cause, fix and key, and whatever was opened is closed again. */
import type { Finding, Resource } from '../kernel/plugin.ts';

/** What an error says, with the fix and the key where it names them. */
export function findingOf(what: string, error: unknown, key?: string): Finding {
  const cause = error instanceof Error ? error.message : String(error);
  const { fix, key: own } = error as { fix?: unknown; key?: unknown };
  // A plug-in that can't use a value begins its sentence with the key.
  const named = /^([a-z]\w*): /.exec(cause)?.[1];
  const where = typeof own === 'string' ? own : (named ?? key);
  return {
    is: 'failed',
    what,
    cause: cause.slice(named && where === named ? named.length + 2 : 0),
    ...(typeof fix === 'string' ? { fix } : {}),
    ...(where === undefined ? {} : { key: where }),
  };
}

/** Opens a part, tries it, and closes it again. */
export async function tried<Part extends Resource>(
  what: string,
  open: () => Promise<Part>,
  more: (part: Part, found: readonly Finding[]) => Promise<Finding[]> = async () => [],
): Promise<Finding[]> {
  let part: Part;
  try {
    part = await open();
  } catch (error) {
    return [findingOf(what, error)];
  }
  try {
    const found = await part.check();
    return [...found, ...(await more(part, found))];
  } finally {
    await part.close();
  }
}
