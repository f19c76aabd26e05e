/**
 * "Password must meet complexity requirements" of Windows, which Samba follows: characters of three of five categories, and
 * neither the account name nor a part of the display name inside. Judged as Microsoft documents it:
 * https://learn.microsoft.com/windows/security/threat-protection/security-policy-settings/password-must-meet-complexity-requirements
 * https://learn.microsoft.com/windows/win32/secmgmt/strong-password-enforcement-and-passfilt-dll (one character, one category)
 */

/** The names of the account that the password belongs to. */
export interface WindowsNames {
  /** sAMAccountName */
  accountName: string;
  displayName: string | undefined;
}

/**
 * `unsure`: it hangs on a character that Microsoft's lists don't settle (blank, currency sign, emoji) and servers differ on,
 * so only the directory can tell.
 */
export type CategoryVerdict = 'met' | 'unmet' | 'unsure';

const NEEDED = 3;

/** Microsoft's list of signs. */
const SIGNS = new Set('~!@#$%^&*_-+=`|\\(){}[]:;"\'<>,.?/');

const CATEGORIES: [name: string, test: (unit: string) => boolean][] = [
  ['upper', (unit) => /\p{Lu}/u.test(unit)],
  ['lower', (unit) => /\p{Ll}/u.test(unit)],
  ['digit', (unit) => /[0-9]/.test(unit)],
  ['sign', (unit) => SIGNS.has(unit)],
  ['letter', (unit) => /[\p{Lo}\p{Lt}\p{Lm}]/u.test(unit)],
];

/** Windows looks at UTF-16 units, so nothing beyond the basic plane is a letter to it. */
export function windowsCategories(password: string): CategoryVerdict {
  const found = new Set<string>();
  let unsettled = false;
  for (let index = 0; index < password.length && found.size < NEEDED; index += 1) {
    const unit = password.charAt(index);
    const category = CATEGORIES.find(([, test]) => test(unit))?.[0];
    if (category === undefined) unsettled = true;
    else found.add(category);
  }
  if (found.size >= NEEDED) return 'met';
  return unsettled && found.size === NEEDED - 1 ? 'unsure' : 'unmet';
}

/** Shorter ones are not looked at. */
const SHORTEST_NAME = 3;

/** What Windows looks for in a password: the whole account name, and the parts of the display name. Lower case, each once. */
export function windowsNameParts({ accountName, displayName }: WindowsNames): string[] {
  const parts = [accountName, ...(displayName ?? '').split(/[,.\-_ #\t]/)];
  return [...new Set(parts.filter((part) => part.length >= SHORTEST_NAME).map((part) => part.toLowerCase()))];
}

export function holdsWindowsName(password: string, names: WindowsNames): boolean {
  const lower = password.toLowerCase();
  return windowsNameParts(names).some((part) => lower.includes(part));
}
