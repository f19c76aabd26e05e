/** Which of several senders are well, on this node: whoever failed is left alone, longer each time, and then tried again. */
import { type Clock, minutes, seconds } from '../kernel/clock.ts';

const FIRST_PAUSE = seconds(15);
const LONGEST_PAUSE = minutes(5);

export interface SenderHealth {
  /** Those that are well, in their own order; all of them when none is. */
  inOrder<Sender extends { name: string }>(senders: readonly Sender[]): readonly Sender[];
  /** `after`: ms that the sender itself asks for. */
  failed(name: string, after?: number): void;
  well(name: string): void;
}

export function createSenderHealth(clock: Clock): SenderHealth {
  const troubles = new Map<string, { until: number; pause: number }>();
  const isWell = ({ name }: { name: string }) => (troubles.get(name)?.until ?? 0) <= clock.now();
  return {
    inOrder(senders) {
      const well = senders.filter(isWell);
      return well.length > 0 ? well : senders;
    },
    failed(name, after = 0) {
      const pause = Math.min(LONGEST_PAUSE, (troubles.get(name)?.pause ?? FIRST_PAUSE / 2) * 2);
      troubles.set(name, { until: clock.now() + Math.max(pause, after), pause });
    },
    well: (name) => void troubles.delete(name),
  };
}
