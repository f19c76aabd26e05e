/** Enough of an address for its owner to know it, too little for anybody else. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  if (at < 1) return '•••';
  const first = Array.from(address)[0] as string;
  return `${first}•••${address.slice(at)}`;
}
