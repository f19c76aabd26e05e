/** A network address, coarse: enough to see that it is far away, too little to find somebody by. */
import { isIPv4 } from 'node:net';

export function coarse(ip: string): string {
  if (isIPv4(ip)) return `${ip.split('.').slice(0, 2).join('.')}.•.•`;
  const [first = '', second = ''] = ip.split(':');
  return second === '' ? `${first}:•` : `${first}:${second}:•`;
}
