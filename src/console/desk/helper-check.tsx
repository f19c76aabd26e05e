/** `/helper-check`: whoever talks with a helper sees whether it is one, and answers on their own device. Looking changes nothing. */
import type { FastifyInstance } from 'fastify';
import type { DeskService } from '../../flow/assisted/desk.ts';
import { readFields } from '../../http/form.ts';
import type { Translate } from '../../text/index.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Layout } from '../../ui/layout.tsx';
import { Notice } from '../../ui/notice.tsx';
import { paths } from '../../ui/paths.ts';
import type { ShellProps } from '../../ui/shell.ts';
import type { Front } from '../console.ts';

const PATH = paths.helperCheck;

export interface HelperCheckProps {
  t: Translate;
  shell: ShellProps;
  asking?: { call: string; helper: string } | undefined;
  news?: 'ok' | 'wrong' | 'over' | 'stopped' | 'nobody' | 'wait' | undefined;
  helper?: { helper: string; person: string } | undefined;
}

export function HelperCheckPage({ t, shell, asking, news, helper }: HelperCheckProps) {
  const bad = news !== undefined && news !== 'ok' && news !== 'stopped';
  return (
    <Layout t={t} shell={shell} title={t('desk.check.title')} failed={bad}>
      <div class="card">
        <h1>{t('desk.check.title')}</h1>
        {news && <Notice tone={bad ? 'bad' : 'plain'} news title={t(`desk.check.${news}`)} />}
        {helper && (
          <Notice news title={t('desk.check.is', { helper: helper.helper })}>
            <p>{t('desk.check.is.text', { person: helper.person })}</p>
          </Notice>
        )}
        {asking && (
          <section aria-labelledby="asking">
            <h2 id="asking">{t('desk.check.asks', { helper: asking.helper })}</h2>
            <p>{t('desk.check.asks.text')}</p>
            <Form shell={shell} action={`${PATH}/answer`}>
              <input type="hidden" name="call" value={asking.call} />
              <Field name="number" label={t('desk.check.number')} maxLength={20} keyboard="tel" ltr />
              <Button>{t('desk.check.confirm')}</Button>
            </Form>
            <Form shell={shell} action={`${PATH}/stop`}>
              <input type="hidden" name="call" value={asking.call} />
              <Button look="danger">{t('desk.check.stop')}</Button>
            </Form>
          </section>
        )}
        <p class="soft">{t('desk.check.text')}</p>
        <Form shell={shell} action={PATH}>
          <Field name="code" label={t('desk.check.code')} maxLength={40} keyboard="tel" ltr />
          <Button look={asking ? 'quiet' : 'main'}>{t('desk.check.button')}</Button>
        </Form>
      </div>
    </Layout>
  );
}

export function helperCheckRoutes(app: FastifyInstance, front: Front, desk: DeskService): void {
  type More = Pick<HelperCheckProps, 'news' | 'helper'>;
  type Request = Parameters<Front['visit']>[0];
  type Reply = Parameters<Front['visit']>[1];

  const show = async (request: Request, reply: Reply, more: More = {}, status = 200) => {
    const visit = front.visit(request, reply);
    const person = await front.person(request, visit.language);
    const asking = person && (await desk.asking(person.account));
    return visit.page(<HelperCheckPage t={visit.t} shell={visit.shell(person)} asking={asking} {...more} />, status);
  };

  app.get(PATH, (request, reply) => show(request, reply));

  app.post(PATH, async (request, reply) => {
    const { code } = readFields(request.body, { code: { max: 40 } });
    const { origin } = front.visit(request, reply);
    const found = await desk.check(code, origin.network, origin.ip);
    if (found.is === 'helper') return show(request, reply, { helper: found });
    return show(request, reply, { news: found.is }, found.is === 'wait' ? 429 : 422);
  });

  const answered = (stop: boolean) => async (request: Request, reply: Reply) => {
    const { call, number } = readFields(request.body, { call: { max: 40 }, number: { max: 20, optional: true } });
    const visit = front.visit(request, reply);
    const person = await front.person(request, visit.language);
    if (!person) return visit.go(PATH);
    const typed = stop ? undefined : (number ?? '');
    const is = await desk.answer(person.account, call, typed, visit.origin.ip);
    return show(request, reply, { news: stop && is === 'ok' ? 'stopped' : is }, is === 'ok' ? 200 : 422);
  };
  app.post(`${PATH}/answer`, answered(false));
  app.post(`${PATH}/stop`, answered(true));
}
