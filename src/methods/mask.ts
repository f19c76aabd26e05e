import { maskPhone } from '../kernel/phone.ts';

/** Enough of an address for its owner to know it, too little for anybody else. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  if (at < 1) return '•••';
  const first = Array.from(address)[0] as string;
  return `${first}•••${address.slice(at)}`;
}

/** An address or a phone number. */
export const maskDestination = (to: string): string =>
  to.startsWith('+') ? maskPhone(to as `+${string}`) : maskAddress(to);
