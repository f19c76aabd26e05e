/** Request controls of Active Directory. None of them answers. */
import { BerWriter, Control } from 'ldapts';

/** SEQUENCE { INTEGER n }: the value of both controls. */
function sequenceOf(value: number): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(value);
  writer.endSequence();
  return writer.buffer;
}

class IntegerControl extends Control {
  readonly #value: number;

  constructor(type: string, value: number) {
    super(type, { critical: true });
    this.#value = value;
  }

  protected override writeControl(writer: BerWriter): void {
    writer.writeBuffer(sequenceOf(this.#value), 0x04);
  }
}

/** LDAP_SERVER_POLICY_HINTS: a reset obeys history and age too (MS-ADTS §3.1.1.3.4.1.27). The older OID is Windows 2008 R2. */
export const POLICY_HINTS = ['1.2.840.113556.1.4.2239', '1.2.840.113556.1.4.2066'] as const;

/** The control that this server supports, from rootDSE; undefined when it has none. */
export function policyHints(supportedControl: string[]): Control | undefined {
  const oid = POLICY_HINTS.find((hint) => supportedControl.includes(hint));
  return oid === undefined ? undefined : new IntegerControl(oid, 1);
}

/** LDAP_SERVER_SD_FLAGS: only the DACL; asking for the SACL too would hide the whole descriptor from a plain account. */
export const daclOnly = (): Control => new IntegerControl('1.2.840.113556.1.4.801', 4);
