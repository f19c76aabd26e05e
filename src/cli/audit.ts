/** `sparekey audit verify`: walks the hash chain and names every record that was changed, taken out or swapped. */
import type { Command } from 'commander';
import type { KnownHead } from '../audit/audit.ts';
import { createAudit } from '../audit/index.ts';
import { systemClock } from '../kernel/clock.ts';
import { createKeyring } from '../kernel/keyring.ts';
import { openStorage } from '../storage/index.ts';
import { keysOrExit, loadOrExit, withConfig } from './setting.ts';

const SAYS = {
  changed: 'was changed',
  missing: 'is missing',
  swapped: 'stands in another place than it was written to',
  truncated: 'is the last one left; the chain was longer',
} as const;

export const auditCommand = (program: Command) => {
  const audit = program.command('audit').description('the tamper-evident record of what happened');
  withConfig(audit.command('verify').description('check that no record was changed, removed or swapped'))
    .option('--expect-head <seq:hash>', 'head noted at an earlier run: proves that the end was not replaced')
    .option('--json', 'machine-readable result')
    .action(async ({ config: file, expectHead, json }: { config: string; expectHead?: string; json?: boolean }) => {
      const { config } = loadOrExit(file);
      const keyring = createKeyring(keysOrExit(config.keysFile));
      const storage = await openStorage(config.storage, { migrate: false });
      try {
        const result = await createAudit({ keyring, clock: systemClock }).verify(
          storage.db,
          expectHead ? knownHead(expectHead) : undefined,
        );
        const good = result.faults.length === 0;
        if (json) process.stdout.write(`${JSON.stringify({ ok: good, ...result })}\n`);
        else {
          for (const fault of result.faults) process.stdout.write(`Record ${fault.seq} ${SAYS[fault.is]}.\n`);
          const verdict = good ? 'chain intact' : 'chain BROKEN';
          process.stdout.write(`${result.records} records, ${verdict}. Head: ${result.seq}:${result.head}\n`);
        }
        process.exitCode = good ? 0 : 1;
      } finally {
        await storage.close();
      }
    });
};

function knownHead(text: string): KnownHead {
  const [seq = '', hash = ''] = text.split(':');
  if (!/^\d+$/.test(seq) || hash === '')
    throw new Error('--expect-head wants what an earlier run printed: NUMBER:HASH.');
  return { seq: Number(seq), hash };
}
