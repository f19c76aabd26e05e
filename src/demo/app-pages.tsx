/** Routes of the demo's authenticator app. Keys that somebody pastes stay in memory, a few at a time. */
import type { FastifyInstance } from 'fastify';
import { Secret as OtpSecret, TOTP } from 'otpauth';
import { readFields } from '../http/form.ts';
import { type DemoAppCode, DemoAppPage } from '../portal/pages/demo-app-page.tsx';
import type { Portal } from '../portal/portal.ts';
import { paths } from '../ui/paths.ts';

const MOST_KEYS = 10;
const STEP = 30_000;

/** What an app with that key shows. */
export const codeOf = (key: string, now: number): string =>
  new TOTP({ secret: OtpSecret.fromBase32(key) }).generate({ timestamp: now });

/** A key in groups or in one piece, or the address that a QR code holds. */
function keyFrom(pasted: string): string | undefined {
  const key = pasted.startsWith('otpauth:') ? (URL.parse(pasted)?.searchParams.get('secret') ?? '') : pasted;
  const bare = key.replace(/[\s=-]/g, '').toUpperCase();
  return /^[A-Z2-7]{16,128}$/.test(bare) ? bare : undefined;
}

export function appPages(
  app: FastifyInstance,
  portal: Portal,
  owned: () => Promise<{ name: string; key: string }[]>,
): void {
  const pasted: string[] = [];

  app.get(paths.demoApp, async (request, reply) => {
    const visit = portal.visit(request, reply);
    const now = portal.deps.clock.now();
    const news = pasted.map((key) => ({ name: visit.t('demo.app.new', { start: key.slice(0, 4) }), key }));
    const codes = [...news, ...(await owned())].map(({ name, key }): DemoAppCode => ({ name, code: codeOf(key, now) }));
    const left = Math.ceil((STEP - (now % STEP)) / 1_000);
    const wrong = (request.query as Record<string, unknown>)['wrong'] === '1';
    return visit.page(<DemoAppPage t={visit.t} shell={visit.shell()} codes={codes} left={left} wrong={wrong} />);
  });

  app.post(paths.demoApp, async (request, reply) => {
    const visit = portal.visit(request, reply);
    const key = keyFrom(readFields(request.body, { key: { max: 400 } }).key.trim());
    if (key === undefined) return visit.go(`${paths.demoApp}?wrong=1`);
    if (!pasted.includes(key)) pasted.unshift(key);
    pasted.splice(MOST_KEYS);
    return visit.go(paths.demoApp);
  });
}
