/** What a cross check finds, and the words that all of them share. */
import { BlockList, isIP } from 'node:net';
import type { Problem } from './problem.ts';
import type { Config } from './schema.ts';

export type Finding = Omit<Problem, 'at'> & { is: 'problem' | 'warning' };

export interface Rule {
  reads: readonly string[];
  check(config: Config): Finding[];
}

export const problem = (path: string, what: string, fix: string): Finding => ({ is: 'problem', path, what, fix });
export const warning = (path: string, what: string, fix: string): Finding => ({ is: 'warning', path, what, fix });
export const when = (condition: boolean, finding: () => Finding): Finding[] => (condition ? [finding()] : []);

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  if (bare === 'localhost' || bare.endsWith('.localhost')) return true;
  const family = isIP(bare);
  return family !== 0 && loopback.check(bare, family === 6 ? 'ipv6' : 'ipv4');
}
