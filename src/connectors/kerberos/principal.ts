/** From a link to a principal of our realm. Only plain names get through: kadmin has a quoting of its own, and options. */

export type Principal = { is: 'principal'; name: string } | { is: 'none' } | { is: 'protected'; cause: string };

const PART = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}._+$-]*$/u;
const LONGEST = 256;
const SYSTEM = new Set(['krbtgt', 'kadmin', 'changepw', 'K', 'kiprop', 'root', 'admin', 'WELLKNOWN']);

export function principalOf(link: string, realm: string, own: string, listed: readonly string[]): Principal {
  const at = link.lastIndexOf('@');
  const [name, inRealm] = at < 0 ? [link, realm] : [link.slice(0, at), link.slice(at + 1)];
  const parts = name.split('/');
  if (inRealm !== realm || link.length > LONGEST || parts.length > 2 || !parts.every((part) => PART.test(part)))
    return { is: 'none' };
  const full = `${name}@${realm}`;
  if (name === own || link === own) return { is: 'protected', cause: `${full} is what Sparekey itself uses.` };
  // user/admin, host/…, HTTP/…: administrators and services, whose keys must not become a person's password.
  if (parts.length > 1)
    return { is: 'protected', cause: `${full} is an administrator or a service: it has a / in its name.` };
  if (SYSTEM.has(name)) return { is: 'protected', cause: `${full} belongs to Kerberos itself.` };
  if (listed.includes(name)) return { is: 'protected', cause: `${full} is listed as protected.` };
  return { is: 'principal', name: full };
}
