/** GUIDs and SIDs between their binary form on the wire and the text form that people and tools use (MS-DTYP §2.3.4, §2.4.2). */

const GUID = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/i;
const reversed = (hex: string): string => Buffer.from(hex, 'hex').reverse().toString('hex');

/** The first three groups are little-endian on the wire. */
export function guidText(bytes: Buffer): string | undefined {
  if (bytes.length !== 16) return undefined;
  const hex = bytes.toString('hex');
  const head = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16)].map(reversed);
  return [...head, hex.slice(16, 20), hex.slice(20)].join('-');
}

export function guidBytes(text: string): Buffer | undefined {
  const found = GUID.exec(text);
  if (!found) return undefined;
  const [, a = '', b = '', c = '', d = '', e = ''] = found;
  return Buffer.from(reversed(a) + reversed(b) + reversed(c) + d + e, 'hex');
}

export function sidText(bytes: Buffer): string | undefined {
  const count = bytes[1];
  if (count === undefined || bytes.length < 8 + count * 4) return undefined;
  const parts = Array.from({ length: count }, (_, index) => bytes.readUInt32LE(8 + index * 4));
  return ['S', bytes[0], bytes.readUIntBE(2, 6), ...parts].join('-');
}

/** Length of the SID that starts a buffer. */
export const sidLength = (bytes: Buffer): number => 8 + (bytes[1] ?? 0) * 4;

/** Relative ids of the groups whose members hold the domain (MS-ADTS §3.1.1.6.1.1.1). */
const PRIVILEGED_DOMAIN = new Set([502, 512, 516, 517, 518, 519, 520, 521, 526, 527]);
/** S-1-5-32-…: Administrators and the operators. */
const PRIVILEGED_BUILTIN = new Set([544, 548, 549, 550, 551, 552]);

export function isPrivilegedSid(sid: string): boolean {
  const rid = Number(sid.slice(sid.lastIndexOf('-') + 1));
  if (sid.startsWith('S-1-5-32-')) return PRIVILEGED_BUILTIN.has(rid);
  return sid.startsWith('S-1-5-21-') && PRIVILEGED_DOMAIN.has(rid);
}
