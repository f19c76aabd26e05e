/** Routes of the demo's phone: texts as they came, and calls that say their code only to the right keys, once. */
import type { FastifyInstance } from 'fastify';
import { readFields } from '../http/form.ts';
import { SparekeyError } from '../kernel/errors.ts';
import { sameText } from '../kernel/keyring.ts';
import type { DemoPhone, KeptCall } from '../notify/demo-phone.ts';
import { phrasesFor } from '../notify/texts/phrases.ts';
import { type DemoCall, DemoPhonePage } from '../portal/pages/demo-phone-page.tsx';
import type { Portal } from '../portal/portal.ts';
import { paths } from '../ui/paths.ts';

const PRESSED = 200;

export function phonePages(app: FastifyInstance, portal: Portal, phone: DemoPhone): void {
  /** What became of a call. The first keys end it, right or wrong, as a real one. */
  const pressed = new Map<string, 'right' | 'wrong'>();

  const asHeard = (call: KeptCall): DemoCall => {
    const { greeting, code, again, goodbye } = phrasesFor(call.language);
    // In an Arabic sentence single digits would be shown from right to left.
    const digits = `\u2066${[...call.code].join(' ')}\u2069`;
    const was = pressed.get(call.idempotencyKey);
    return {
      id: call.idempotencyKey,
      to: call.to,
      language: call.language,
      at: call.at,
      greeting: greeting(call.organisation),
      ...(was === 'right' ? { spoken: `${code} ${digits}. ${again} ${digits}. ${goodbye}` } : {}),
      ...(was === 'wrong' ? { wrong: true } : {}),
    };
  };

  app.get(paths.demoPhone, async (request, reply) => {
    const visit = portal.visit(request, reply);
    const texts = phone.texts().map(({ idempotencyKey: id, to, text, at }) => ({ id, to, text, at }));
    return visit.page(
      <DemoPhonePage t={visit.t} shell={visit.shell()} texts={texts} calls={phone.calls().map(asHeard)} />,
    );
  });

  app.post(`${paths.demoPhone}/:id`, async (request, reply) => {
    const { id } = request.params as { id: string };
    const call = phone.calls().find(({ idempotencyKey }) => idempotencyKey === id);
    if (!call) throw new SparekeyError('not-found');
    const name = `keys-${id}`;
    const keys = readFields(request.body, { [name]: { max: 20 } })[name] ?? '';
    if (!pressed.has(id)) pressed.set(id, sameText(keys.replace(/\s/g, ''), call.key) ? 'right' : 'wrong');
    for (const oldest of pressed.keys()) {
      if (pressed.size <= PRESSED) break;
      pressed.delete(oldest);
    }
    return portal.visit(request, reply).go(paths.demoPhone);
  });
}
