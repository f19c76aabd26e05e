/** `/api`: the document as a page without script, and as JSON for machines. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { VNode } from 'preact';
import { SCOPES } from '../flow/api/scopes.ts';
import { Layout } from '../ui/layout.tsx';
import { BASE } from './api.ts';
import type { Operation } from './operation.ts';

type Frame = Pick<Parameters<typeof Layout>[0], 't' | 'shell'>;

/** What this page borrows of the portal: its frame. */
export interface PageFront {
  visit(
    request: FastifyRequest,
    reply: FastifyReply,
  ): { t: Frame['t']; shell(): Frame['shell']; page(node: VNode): FastifyReply };
}

export interface ApiPages {
  operations: readonly Operation[];
  document(): object;
}

export const DOCUMENT = '/api/openapi.json';

interface Property {
  type?: string;
  description?: string;
}

const Fields = ({
  title,
  of,
  required,
}: {
  title: string;
  of: Record<string, Property>;
  required: readonly string[];
}) =>
  Object.keys(of).length === 0 ? null : (
    <>
      <h4>{title}</h4>
      <dl class="terms">
        {Object.entries(of).map(([name, { type, description }]) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>
              {type ?? ''} {required.includes(name) ? '' : '(optional)'} {description ?? ''}
            </dd>
          </div>
        ))}
      </dl>
    </>
  );

const propertiesOf = (schema: Operation['body']) => (schema?.properties ?? {}) as unknown as Record<string, Property>;
const requiredOf = (schema: Operation['body']) => (schema?.required ?? []) as readonly string[];

const Entry = ({ one }: { one: Operation }) => (
  <section class="card" aria-labelledby={one.id}>
    <h3 id={one.id} dir="ltr">
      <code>
        {one.method} {BASE}
        {one.path}
      </code>
    </h3>
    <p>{one.summary}</p>
    <p class="soft">
      Scope <code>{one.scope}</code>
      {one.journey ? ' · header Journey' : ''}
      {one.method === 'GET' ? '' : ' · header Idempotency-Key (optional)'}
    </p>
    <Fields title="In the path" of={propertiesOf(one.params)} required={requiredOf(one.params)} />
    <Fields title="In the query" of={propertiesOf(one.query)} required={requiredOf(one.query)} />
    <Fields title="In the body" of={propertiesOf(one.body)} required={requiredOf(one.body)} />
    <p>
      {Object.entries(one.answers).map(([status, { says }]) => (
        <span key={status}>
          <strong>{status}</strong> {says}{' '}
        </span>
      ))}
    </p>
  </section>
);

export function ApiPage({ t, shell, operations }: Pick<ApiPages, 'operations'> & Frame) {
  const tags = [...new Set(operations.map(({ tag }) => tag))];
  return (
    <Layout t={t} shell={shell} title={t('api.title')} wide>
      <h1>{t('api.title')}</h1>
      <p>
        {t('api.lead')} <a href={DOCUMENT}>{t('api.document')}</a>
      </p>
      <div lang="en" dir="ltr">
        <section class="card" aria-labelledby="scopes">
          <h2 id="scopes">Scopes</h2>
          <dl class="terms">
            {Object.entries(SCOPES).map(([scope, says]) => (
              <div key={scope}>
                <dt>
                  <code>{scope}</code>
                </dt>
                <dd>{says}</dd>
              </div>
            ))}
          </dl>
        </section>
        {tags.map((tag) => (
          <section key={tag} aria-labelledby={`tag-${tag}`}>
            <h2 id={`tag-${tag}`}>{tag}</h2>
            {operations
              .filter((one) => one.tag === tag)
              .map((one) => (
                <Entry key={one.id} one={one} />
              ))}
          </section>
        ))}
      </div>
    </Layout>
  );
}

export function apiPages(app: FastifyInstance, front: PageFront, { operations, document }: ApiPages): void {
  app.get('/api', async (request, reply) => {
    const visit = front.visit(request, reply);
    return visit.page(<ApiPage t={visit.t} shell={visit.shell()} operations={operations} />);
  });
  app.get(DOCUMENT, async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(JSON.stringify(document())),
  );
}
