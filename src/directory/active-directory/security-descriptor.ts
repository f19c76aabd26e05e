/**
 * Reads an object's access list (MS-DTYP §2.4.6, self-relative) far enough to answer two questions before anybody is
 * disappointed: may our account reset this password, and may the person change it?
 */
import { guidText, sidLength, sidText } from './identifiers.ts';

interface Ace {
  allow: boolean;
  mask: number;
  /** Property or extended right that it is limited to; undefined: all. */
  objectType: string | undefined;
  sid: string;
}

const CONTROL_ACCESS = 0x100;
const GENERIC_ALL = 0x1000_0000;
const INHERIT_ONLY = 0x08;
const RESET_PASSWORD = '00299570-246d-11d0-a768-00aa006e0529';
const CHANGE_PASSWORD = 'ab721a53-1e2f-11d0-9819-00aa0040529b';
const EVERYONE = 'S-1-1-0';
const SELF = 'S-1-5-10';

/** Undefined when it can't be read or holds no access list. */
export function readDacl(bytes: Buffer | undefined): Ace[] | undefined {
  if (!bytes || bytes.length < 20) return undefined;
  const start = bytes.readUInt32LE(16);
  if (start === 0 || start + 8 > bytes.length) return undefined;
  const count = bytes.readUInt16LE(start + 4);
  const aces: Ace[] = [];
  let offset = start + 8;
  for (let index = 0; index < count; index += 1) {
    if (offset + 8 > bytes.length) return undefined;
    const size = bytes.readUInt16LE(offset + 2);
    if (size < 8 || offset + size > bytes.length) return undefined;
    const ace = readAce(bytes.subarray(offset, offset + size));
    if (ace) aces.push(ace);
    offset += size;
  }
  return aces;
}

/** Only the four types that grant or deny directory access, and only those that count for the object itself. */
function readAce(bytes: Buffer): Ace | undefined {
  const type = bytes.readUInt8(0);
  if (![0, 1, 5, 6].includes(type) || bytes.readUInt8(1) & INHERIT_ONLY) return undefined;
  const mask = bytes.readUInt32LE(4);
  let offset = 8;
  let objectType: string | undefined;
  if (type >= 5) {
    const present = bytes.readUInt32LE(8);
    offset = 12;
    if (present & 1) {
      objectType = guidText(bytes.subarray(offset, offset + 16));
      offset += 16;
    }
    if (present & 2) offset += 16;
  }
  const rest = bytes.subarray(offset);
  const sid = rest.length >= 8 ? sidText(rest.subarray(0, sidLength(rest))) : undefined;
  return sid === undefined ? undefined : { allow: type === 0 || type === 5, mask, objectType, sid };
}

const concerns = (ace: Ace, right: string): boolean =>
  (ace.mask & (CONTROL_ACCESS | GENERIC_ALL)) !== 0 && (ace.objectType === undefined || ace.objectType === right);

/** First match wins, as in the access check of MS-ADTS §5.1.3.3. */
export const mayResetPassword = (dacl: Ace[], ourSids: string[]): boolean =>
  dacl.find((ace) => ourSids.includes(ace.sid) && concerns(ace, RESET_PASSWORD))?.allow ?? false;

/** "User cannot change password" is a deny for SELF or Everyone; bit 0x40 of userAccountControl does not tell (MS-ADTS §2.2.16). */
export const mayNotChangePassword = (dacl: Ace[]): boolean =>
  dacl.some((ace) => !ace.allow && ace.objectType === CHANGE_PASSWORD && [SELF, EVERYONE].includes(ace.sid));
