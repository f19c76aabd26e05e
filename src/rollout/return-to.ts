/** Where `/enrol?return=` may lead back to: below one of the configured addresses, and nowhere else. Pure. */

const LONGEST = 2_000;
const UNFIT = /[\p{Cc}\p{Cs}\s\\]/u;

/** @returns the address to go to, or nothing. */
export function allowedReturn(written: string | undefined, allowed: readonly string[]): string | undefined {
  if (written === undefined || written.length > LONGEST || UNFIT.test(written)) return undefined;
  const url = URL.parse(written);
  if (url?.username !== '' || url.password !== '') return undefined;
  const within = allowed.some((one) => {
    const base = URL.parse(one);
    if (!base || base.origin !== url.origin || base.origin === 'null') return false;
    const below = base.pathname.endsWith('/') ? base.pathname : `${base.pathname}/`;
    return url.pathname === base.pathname || url.pathname.startsWith(below);
  });
  return within ? url.href : undefined;
}
