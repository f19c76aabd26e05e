/**
 * SASLprep (RFC 4013) with PostgreSQL's own liberty: a password that it does not allow is used as it is. The server and its
 * clients do the same, so a verifier that was made otherwise would lock its person out.
 */
import { isLeftToRight, isProhibited, isRightToLeft, isUnassigned } from './stringprep.ts';

/** Table C.1.2 of RFC 3454; becomes a plain space. */
const OTHER_SPACES = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g;
/** Table B.1: mapped to nothing. One by one, because variation selectors would join their neighbours in a class. */
const NOTHING = /\u00ad|\u034f|\u1806|[\u180b-\u180d]|\u200c|\u200d|\u2060|[\ufe00-\ufe0f]|\ufeff/g;

const isPlain = (text: string): boolean => Array.from(text).every((char) => char <= '\x7f');

/** RFC 3454 §6: with a letter that runs from right to left, all must, and both ends be such letters. */
function directionsAgree(points: readonly number[]): boolean {
  if (!points.some(isRightToLeft)) return true;
  const [first = 0, last = 0] = [points[0], points.at(-1)];
  return !points.some(isLeftToRight) && isRightToLeft(first) && isRightToLeft(last);
}

export function saslprep(password: string): string {
  if (isPlain(password)) return password;
  const mapped = password.replace(OTHER_SPACES, ' ').replace(NOTHING, '');
  // PostgreSQL judges before it normalises, where RFC 3454 §7 would do so after.
  const points = Array.from(mapped, (char) => char.codePointAt(0) ?? 0);
  const allowed =
    points.length > 0 && !points.some((point) => isProhibited(point) || isUnassigned(point)) && directionsAgree(points);
  return allowed ? mapped.normalize('NFKC') : password;
}
