/** `/console/systems`: how senders and connected systems are, what waits, what was given up; test message, pause, retry. */
import type { FlowDeps } from '../../flow/deps.ts';
import { readFields } from '../../http/form.ts';
import type { Finding } from '../../kernel/plugin.ts';
import type { Outbox } from '../../outbox/outbox.ts';
import { actorOf } from '../../staff/staff.ts';
import type { Area } from '../console.ts';
import { SystemsPage, type Tried } from './systems-page.tsx';

const PATH = '/console/systems';
const MOST = 50;

export interface SendersPort {
  /** Really tries each. */
  check(): Promise<{ name: string; kind: 'mail' | 'texts' | 'calls'; findings: readonly Finding[] }[]>;
  /** A mail with nothing in it but that it came. `cause`: the exact one. */
  test(to: string, language: string): Promise<{ is: 'sent' } | { is: 'failed'; cause: string }>;
}

export function systemsArea({ flow, outbox, senders }: { flow: FlowDeps; outbox: Outbox; senders: SendersPort }): Area {
  const { spread } = flow;
  const facts = async () => ({
    dead: await outbox.dead(MOST),
    queue: await outbox.check(),
    systems: (await spread?.overview()) ?? [],
    failures: (await spread?.failures(undefined, MOST)) ?? [],
  });
  const isKnown = async (id: string) => ((await spread?.overview()) ?? []).some((one) => one.id === id);

  return ({ get, post }) => {
    get(PATH, 'systems.view', async (ask) => ask.page(<SystemsPage ask={ask} {...(await facts())} />));

    post(`${PATH}/check`, 'systems.view', async (ask) =>
      ask.page(<SystemsPage ask={ask} {...(await facts())} checked={await senders.check()} />),
    );

    post(`${PATH}/test`, 'systems.act', async (ask) => {
      const to = ask.staff.account.mail[0];
      const tried: Tried | undefined = to === undefined ? undefined : await senders.test(to, ask.language);
      return ask.page(<SystemsPage ask={ask} {...(await facts())} tried={tried} />, tried?.is === 'failed' ? 502 : 200);
    });

    post(`${PATH}/steer`, 'systems.act', async (ask) => {
      const { system, act } = readFields(ask.request.body, { system: { max: 100 }, act: { max: 10 } });
      const by = actorOf(ask.staff);
      if (spread && (await isKnown(system))) {
        if (act === 'pause') await spread.pause(system, by);
        if (act === 'resume') await spread.resume(system, by);
        if (act === 'retry') await spread.retry({ system }, by);
      }
      return ask.go(PATH);
    });
  };
}
