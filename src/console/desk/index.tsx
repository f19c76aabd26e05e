/** `/console/desk`: what helpers do. Every address asks the desk anew whose call it is, and whether the person is in the scope. */
import { DESK_ACTS, type DeskAct, type DeskService, type Said } from '../../flow/assisted/desk.ts';
import { holdsNumber, isDocument } from '../../flow/assisted/note.ts';
import { readFields } from '../../http/form.ts';
import type { Area, Ask } from '../console.ts';
import { ConsolePage } from '../parts/console-page.tsx';
import { CallPage, type CallPageProps } from './call-page.tsx';
import { DeskPage, type DeskPageProps } from './desk-page.tsx';

const PATH = '/console/desk';
const CALL = `${PATH}/call/:id`;
const isAct = (name: string): name is DeskAct => (DESK_ACTS as readonly string[]).includes(name);
const idOf = (ask: Ask): string => String((ask.request.params as { id?: string }).id ?? '');
const none: Said = { is: 'refused', why: 'over' };

export function deskArea(desk: DeskService): Area {
  const show = async (ask: Ask, more: Pick<DeskPageProps, 'who' | 'sheet' | 'problem'> = {}, status = 200) =>
    ask.page(
      <DeskPage ask={ask} calls={await desk.mine(ask.staff)} requests={await desk.toDecide(ask.staff)} {...more} />,
      status,
    );

  const call = async (ask: Ask, more: Pick<CallPageProps, 'said' | 'proof'> = {}) => {
    const dossier = await desk.dossier(ask.staff, idOf(ask), ask.origin.ip);
    const bad = more.said?.is === 'refused' || more.said?.is === 'wrong';
    return dossier
      ? ask.page(<CallPage ask={ask} dossier={dossier} {...more} />, bad ? 422 : 200)
      : ask.page(
          <ConsolePage ask={ask} title={ask.t('console.menu.desk')} current="desk" failed>
            <p>{ask.t('desk.problem.call')}</p>
          </ConsolePage>,
          404,
        );
  };

  return ({ get, post }) => {
    get(PATH, 'people.find', async (ask) => {
      const who = ask.query('who', 256);
      if (who === undefined) return show(ask);
      const sheet = await desk.find(ask.staff, who, ask.origin.ip);
      if (sheet === undefined) return show(ask, { who, problem: 'none' }, 404);
      return sheet === 'unavailable' ? show(ask, { who, problem: sheet }, 503) : show(ask, { who, sheet });
    });

    post(`${PATH}/open`, 'people.assist', async (ask) => {
      const { who, ticket } = readFields(ask.request.body, { who: { max: 256 }, ticket: { max: 60 } });
      const opened = await desk.open(ask.staff, who, ticket.trim(), ask.origin.ip);
      if (opened.is === 'opened') return ask.go(`${PATH}/call/${opened.id}`);
      return show(ask, { who, problem: opened.is }, opened.is === 'unavailable' ? 503 : 422);
    });

    post(
      `${PATH}/decide`,
      'people.approve',
      async (ask) => {
        const fields = readFields(ask.request.body, { request: { max: 40 }, decision: { max: 10 } });
        const decision = fields.decision === 'agreed' ? 'agreed' : 'refused';
        await desk.decide(ask.staff, fields.request, decision, ask.origin.ip);
        return ask.go(PATH);
      },
      { stepUp: true },
    );

    get(CALL, 'people.find', (ask) => call(ask));

    const step = (name: string, work: (ask: Ask, id: string) => Promise<Said>) =>
      post(`${CALL}/${name}`, 'people.assist', async (ask) => {
        const said = await work(ask, idOf(ask));
        return said.is === 'ok' ? ask.go(`${PATH}/call/${idOf(ask)}`) : call(ask, { said });
      });

    step('send', (ask, id) => {
      const { contact } = readFields(ask.request.body, { contact: { max: 40 } });
      return desk.sendCode(ask.staff, id, contact, ask.origin.ip);
    });
    step('code', (ask, id) => {
      const { code } = readFields(ask.request.body, { code: { max: 40 } });
      return desk.readBack(ask.staff, id, code, ask.origin.ip);
    });
    step('device', (ask, id) => {
      readFields(ask.request.body, {});
      return desk.askDevice(ask.staff, id, ask.origin.ip);
    });
    step('seen', async (ask, id) => {
      const { document, note } = readFields(ask.request.body, { document: { max: 30 }, note: { max: 100 } });
      if (holdsNumber(note)) return { is: 'refused', why: 'note' };
      return isDocument(document) ? desk.seen(ask.staff, id, document, note.trim(), ask.origin.ip) : none;
    });
    step('manager', (ask, id) => {
      const { name } = readFields(ask.request.body, { name: { max: 100 } });
      return desk.manager(ask.staff, id, name, ask.origin.ip);
    });
    step('ask', async (ask, id) => {
      const { act, reason } = readFields(ask.request.body, { act: { max: 20 }, reason: { max: 200 } });
      return isAct(act) ? desk.askSecond(ask.staff, id, act, reason, ask.origin.ip) : { is: 'refused', why: 'reason' };
    });
    step('end', (ask, id) => {
      readFields(ask.request.body, {});
      return desk.end(ask.staff, id, ask.origin.ip);
    });

    post(`${CALL}/prove`, 'people.assist', async (ask) => {
      readFields(ask.request.body, {});
      const proof = await desk.prove(ask.staff, idOf(ask), ask.origin.ip);
      return call(ask, proof === undefined ? { said: none } : { proof });
    });

    post(
      `${CALL}/act`,
      'people.assist',
      async (ask) => {
        const { act } = readFields(ask.request.body, { act: { max: 20 } });
        // Shown in the very answer: a pass is kept nowhere, so there is no page to lead on to.
        return isAct(act)
          ? call(ask, { said: await desk.act(ask.staff, idOf(ask), act, ask.origin.ip) })
          : ask.go(`${PATH}/call/${idOf(ask)}`);
      },
      { stepUp: true },
    );
  };
}
