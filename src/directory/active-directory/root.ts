/** What a domain controller says of itself (rootDSE), and the password policy of its domain. */
import type { Control } from 'ldapts';
import type { LdapConnection } from '../ldap/connection.ts';
import { buffers, text, texts, time } from '../ldap/entry.ts';
import { policyHints } from './controls.ts';
import { sidText } from './identifiers.ts';

export interface RootDse {
  domainDn: string;
  samba: boolean;
  /** Name of the controller itself, whatever name it was reached by. */
  dnsHostName: string | undefined;
  /** A read-only domain controller (RODC). */
  readOnly: boolean;
  /** ms */
  currentTime: number | undefined;
  supportedControl: string[];
  /** SIDs of the bound account and of all its groups; empty when the server does not tell. */
  ourSids: string[];
  /** A new control per request, when the server supports it. */
  policyHints(): Control | undefined;
}

/** LDAP_CAP_ACTIVE_DIRECTORY_PARTIAL_SECRETS_OID (MS-ADTS §3.1.1.3.4.3): only read-only controllers have it. */
const PARTIAL_SECRETS = '1.2.840.113556.1.4.1920';

export async function readRoot(connection: LdapConnection): Promise<RootDse> {
  const [root] = await connection.search('', {
    scope: 'base',
    attributes: [
      'defaultNamingContext',
      'supportedControl',
      'supportedCapabilities',
      'dnsHostName',
      'currentTime',
      'vendorName',
      'tokenGroups',
    ],
    explicitBufferAttributes: ['tokenGroups'],
  });
  const domainDn = root && text(root, 'defaultNamingContext');
  if (!root || domainDn === undefined) throw new Error('rootDSE names no domain: this is not a domain controller.');
  const supportedControl = texts(root, 'supportedControl');
  return {
    domainDn,
    dnsHostName: text(root, 'dnsHostName')?.toLowerCase(),
    readOnly: texts(root, 'supportedCapabilities').includes(PARTIAL_SECRETS),
    samba: /samba/i.test(text(root, 'vendorName') ?? ''),
    currentTime: time(root, 'currentTime'),
    supportedControl,
    ourSids: buffers(root, 'tokenGroups').flatMap((bytes) => sidText(bytes) ?? []),
    policyHints: () => policyHints(supportedControl),
  };
}
