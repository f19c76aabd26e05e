/** `/console/first`: the one-use link that makes somebody an operator. Opening it changes nothing; the button does, once. */
import type { FastifyInstance } from 'fastify';
import { readFields } from '../http/form.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';
import { Layout } from '../ui/layout.tsx';
import { Mark } from '../ui/mark.tsx';
import { paths } from '../ui/paths.ts';
import type { ConsoleDeps } from './console.ts';
import { DoorPage } from './door-page.tsx';

export const INVITE_PATH = '/console/first';

export function inviteRoutes(app: FastifyInstance, { front, staff, cookies }: ConsoleDeps): void {
  app.get(INVITE_PATH, async (request, reply) => {
    const { t, shell, page, language } = front.visit(request, reply);
    const person = await front.person(request, language);
    // The value stays in the address bar of the link; whoever signs in first opens it again.
    if (!person) cookies.set(reply, 'next', INVITE_PATH);
    return page(
      <Layout t={t} shell={shell(person)} title={t('console.invite.title')}>
        <div class="card">
          <Mark is="done" />
          <h1>{t('console.invite.title')}</h1>
          {person ? (
            <>
              <p>{t('console.invite.text', { name: person.account.displayName })}</p>
              <div data-token-form data-token-waits hidden>
                <Form shell={shell(person)} action={INVITE_PATH}>
                  <input type="hidden" name="token" value="" />
                  <Button>{t('console.invite.button')}</Button>
                </Form>
              </div>
              <div data-token-missing>
                <Form shell={shell(person)} action={INVITE_PATH}>
                  <Field name="token" label={t('console.invite.link')} maxLength={1_000} ltr />
                  <Button>{t('console.invite.button')}</Button>
                </Form>
              </div>
            </>
          ) : (
            <>
              <p>{t('console.invite.sign-in')}</p>
              <p>
                <a class="button" href={paths.signIn}>
                  {t('console.invite.go')}
                </a>
              </p>
            </>
          )}
        </div>
      </Layout>,
    );
  });

  app.post(INVITE_PATH, async (request, reply) => {
    const visit = front.visit(request, reply);
    const person = await front.person(request, visit.language);
    if (!person) return visit.go(INVITE_PATH);
    const { token } = readFields(request.body, { token: { max: 1_000 } });
    // Without script the whole link is pasted.
    const value = token.trim().replace(/^.*#/, '');
    const result = await staff.accept(value, person.session, person.account, visit.origin.ip);
    if (result.is === 'accepted') return visit.go('/console');
    const why = result.is === 'unknown' ? 'invite-unknown' : result.is;
    return visit.page(
      <DoorPage t={visit.t} shell={visit.shell(person)} why={why} />,
      result.is === 'unknown' ? 410 : 403,
    );
  });
}
