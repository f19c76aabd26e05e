/** Are the attributes that ways to verify look at readable on the test account? A misspelt one would silently ask nobody. */
import type { Directory } from '../directory/directory.ts';
import type { Finding } from '../kernel/plugin.ts';

/** `canary`: username of the test account. `attributes`: with what asks for them. */
export async function factFindings(
  directory: Directory,
  canary: string | undefined,
  attributes: readonly string[],
): Promise<Finding[]> {
  if (canary === undefined || attributes.length === 0) return [];
  const found = await directory.find(canary);
  if (found.is !== 'found') return [];
  return attributes.map((attribute): Finding => {
    const what = `read ${attribute} of the test account`;
    if ((found.account.attributes[attribute] ?? []).length > 0) return { is: 'ok', what };
    return {
      is: 'warning',
      what,
      cause: `${canary} has no value there, or the service account may not read it. Whoever has none is not asked for it.`,
      fix: `Compare the spelling with the directory’s, and give ${canary} a value.`,
      key: 'canary',
    };
  });
}
