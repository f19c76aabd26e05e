/** Every portal page in every state that looks different, with made-up people. Rendered by gallery.ts. */
import type { VNode } from 'preact';
import { CATALOGUE } from '../src/methods/questions/catalogue.ts';
import { phrasesFor } from '../src/notify/texts/phrases.ts';
import { AddMethodPage } from '../src/portal/pages/add-method-page.tsx';
import { AgreePage } from '../src/portal/pages/agree-page.tsx';
import { AnswerFieldsPage } from '../src/portal/pages/answer-fields-page.tsx';
import { ApproveLinkPage } from '../src/portal/pages/approve-link-page.tsx';
import { ApprovePage } from '../src/portal/pages/approve-page.tsx';
import { ApproveResultPage } from '../src/portal/pages/approve-result-page.tsx';
import { ChangeDonePage } from '../src/portal/pages/change-done-page.tsx';
import { ChangePage } from '../src/portal/pages/change-page.tsx';
import { ChooseContactPage } from '../src/portal/pages/choose-contact-page.tsx';
import { ChooseLostPage } from '../src/portal/pages/choose-lost-page.tsx';
import { ChooseMethodPage } from '../src/portal/pages/choose-method-page.tsx';
import { ConfirmUnlockPage } from '../src/portal/pages/confirm-unlock-page.tsx';
import { CreatePasskeyPage } from '../src/portal/pages/create-passkey-page.tsx';
import { DemoAppPage } from '../src/portal/pages/demo-app-page.tsx';
import { DemoIdpPage } from '../src/portal/pages/demo-idp-page.tsx';
import { DemoInboxPage } from '../src/portal/pages/demo-inbox-page.tsx';
import { DemoMessagePage } from '../src/portal/pages/demo-message-page.tsx';
import { DemoPage } from '../src/portal/pages/demo-page.tsx';
import { DemoPhonePage } from '../src/portal/pages/demo-phone-page.tsx';
import { DonePage } from '../src/portal/pages/done-page.tsx';
import { EmailLinkPage } from '../src/portal/pages/email-link-page.tsx';
import { EnrolAddressPage } from '../src/portal/pages/enrol-address-page.tsx';
import { EnrolCodesPage } from '../src/portal/pages/enrol-codes-page.tsx';
import { EnrolConfirmCodePage } from '../src/portal/pages/enrol-confirm-code-page.tsx';
import { EnrolPhonePage } from '../src/portal/pages/enrol-phone-page.tsx';
import { EnrolQuestionsPage } from '../src/portal/pages/enrol-questions-page.tsx';
import { EnrolQuestionsProofPage } from '../src/portal/pages/enrol-questions-proof-page.tsx';
import { EnrolTotpPage } from '../src/portal/pages/enrol-totp-page.tsx';
import { EnterCodePage } from '../src/portal/pages/enter-code-page.tsx';
import { ErrorPage, type ErrorStatus } from '../src/portal/pages/error-page.tsx';
import { GoElsewherePage } from '../src/portal/pages/go-elsewhere-page.tsx';
import { LinkElsewherePage } from '../src/portal/pages/link-elsewhere-page.tsx';
import { type MethodId, methodLooks } from '../src/portal/pages/method-look.ts';
import { NewPasswordPage } from '../src/portal/pages/new-password-page.tsx';
import { type BlockedWhy, type Outcome, OutcomePage } from '../src/portal/pages/outcome-page.tsx';
import { RemovePage } from '../src/portal/pages/remove-page.tsx';
import { RenamePage } from '../src/portal/pages/rename-page.tsx';
import { type JudgedRule, ruleView } from '../src/portal/pages/rule-view.ts';
import { SafetyPage } from '../src/portal/pages/safety-page.tsx';
import { SignInPage } from '../src/portal/pages/sign-in-page.tsx';
import { StartPage } from '../src/portal/pages/start-page.tsx';
import { StopPage } from '../src/portal/pages/stop-page.tsx';
import { strengthView } from '../src/portal/pages/strength-view.ts';
import { SystemsPage } from '../src/portal/pages/systems-page.tsx';
import { UsePasskeyPage } from '../src/portal/pages/use-passkey-page.tsx';
import { UsernamePage } from '../src/portal/pages/username-page.tsx';
import { WaitApprovalPage } from '../src/portal/pages/wait-approval-page.tsx';
import { WaitConsentPage } from '../src/portal/pages/wait-consent-page.tsx';
import { WaitingPage } from '../src/portal/pages/waiting-page.tsx';
import { createTranslator, type Language } from '../src/text/index.ts';
import { assets } from '../src/ui/assets.ts';
import { renderPage } from '../src/ui/render-page.ts';
import type { ShellProps } from '../src/ui/shell.ts';
import { consoleStates } from './gallery-console.tsx';
import { auditStates } from './gallery-console-audit.tsx';
import { deskStates } from './gallery-console-desk.tsx';
import { privacyStates } from './gallery-console-privacy.tsx';
import { readinessStates } from './gallery-console-readiness.tsx';
import { reportsStates } from './gallery-console-reports.tsx';
import { rolloutStates } from './gallery-console-rollout.tsx';
import { settingsStates } from './gallery-console-settings.tsx';
import { tokensStates } from './gallery-console-tokens.tsx';

export { assets, renderPage };

const NOW = Date.UTC(2026, 5, 3, 12, 5);

/** What every safety page shows below. */
const systems = [
  { id: 'mail', label: 'Mail', is: 'done' },
  { id: 'wifi', label: 'Wi-Fi', is: 'waiting' },
  { id: 'library', label: 'Library', is: 'retrying' },
  { id: 'print', label: 'Printers', is: 'failed' },
] as const;

const lately = {
  systems: systems.slice(0, 3),
  sessions: [
    { id: '1', userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0', createdAt: NOW, seenAt: NOW, present: true },
    {
      id: '2',
      userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1',
      createdAt: NOW - 7_200_000,
      seenAt: NOW - 600_000,
      present: false,
    },
  ],
  activity: [
    { event: 'session.opened', outcome: 'success', at: NOW, ip: '192.0.2.7', method: 'totp' },
    { event: 'recovery.password-set', outcome: 'success', at: NOW - 86_400_000, ip: '192.0.2.7' },
    { event: 'recovery.mismatched', outcome: 'failure', at: NOW - 86_500_000, ip: '2001:db8::7', method: 'email' },
  ],
};

const names: Record<
  Language,
  { organisation: string; help: string; hours: string; person: string; first: string; contact: string }
> = {
  en: {
    organisation: 'Northfield College',
    help: 'IT help desk, room 12',
    hours: 'Mon–Fri 8–17',
    person: 'Amina Khan',
    first: 'Amina',
    contact: 'My sister',
  },
  de: {
    organisation: 'Gymnasium Nordfeld',
    help: 'IT-Hilfe, Raum 12',
    hours: 'Mo–Fr 8–17 Uhr',
    person: 'Amina Khan',
    first: 'Amina',
    contact: 'Meine Schwester',
  },
  ar: {
    organisation: 'كلية نورثفيلد',
    help: 'مكتب المساعدة التقنية، الغرفة 12',
    hours: 'الأحد–الخميس 8–17',
    person: 'أمينة خان',
    first: 'أمينة',
    contact: 'أختي',
  },
};

const codes = [
  '7KQ2-9M4T-XW3H-PB8D-5RVN',
  '2FJY-C6ZE-0A9S-KT4Q-M1GX',
  'VH8B-3DNR-7PW5-6YEC-QZ2K',
  'T4XM-KA1J-9SGF-B0HV-8CD3',
  'P6ZQ-W2RY-E5N7-3TKB-XJ9M',
  '9CGA-HV4D-1MSF-Q8XP-Z0TW',
  'B3YE-7RK6-NJ2C-5DGH-V9QA',
  'M8SW-X0PT-4FZB-YK1E-7R3N',
  'D5HJ-6QVC-A2GX-9WMS-T4PK',
  'Z1RN-E8YB-K3CF-0HTD-6VJQ',
];

const judged: JudgedRule[] = [
  { id: 'min-length', state: 'open', fromDirectory: false, value: 15 },
  { id: 'common', state: 'open', fromDirectory: false },
  { id: 'context', state: 'open', fromDirectory: false },
  { id: 'personal', state: 'open', fromDirectory: false },
  { id: 'complexity', state: 'open', fromDirectory: true },
  { id: 'history', state: 'open', fromDirectory: true, value: 5 },
];

export function states(language: Language, options: { demo?: boolean } = {}): Record<string, VNode> {
  const t = createTranslator(language);
  const made = names[language];
  const shell: ShellProps = {
    language,
    organisation: { name: made.organisation, help: { text: made.help, phone: '555 0100', hours: made.hours } },
    path: '/',
    csrf: 'csrf-token',
    nonce: 'bm9uY2U',
    assets: { styles: assets.styles.path, script: assets.script?.path },
    timeZone: 'Europe/Berlin',
    ...options,
  };
  const inside: ShellProps = { ...shell, person: { displayName: made.person } };
  const at = (number: number) => ({ at: number, of: 3 });
  const flow = { t, shell, action: '/recover/step', step: 'abc', cancelAction: '/recover/cancel' };
  const bind = { t, shell: inside, action: '/ways/step', step: 'abc', cancelAction: '/ways/cancel' };
  const email = { ...flow, method: 'email', alphabet: 'digits', length: 8, anotherAction: '/recover/another' } as const;
  const rules = judged.map((rule) => ruleView(t, rule));
  const halfway = judged.map((rule, index) =>
    ruleView(t, { ...rule, state: (['ok', 'ok', 'no', 'ok', 'no', 'open'] as const)[index] ?? 'open' }),
  );
  const password = {
    ...flow,
    progress: at(3),
    username: 'amina',
    rules,
    rulesUrl: '/recover/password/rules',
    minLength: 15,
    maxLength: 128,
  };
  const uri =
    'otpauth://totp/Northfield%20College:amina?issuer=Northfield%20College&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&algorithm=SHA1&digits=6&period=30';

  const approving = {
    t,
    shell,
    who: made.person,
    username: 'amina',
    at: NOW,
    where: '192.0.•.•',
    action: '/x',
    refuseAction: '/x',
  };

  const outcomes: Outcome[] = [
    { is: 'expired' },
    { is: 'cancelled' },
    { is: 'not-enough-ways' },
    { is: 'directory-unavailable', path: '/nowhere' },
    { is: 'too-many', seconds: 1500 },
    { is: 'unknown-result', signInUrl: 'https://northfield.example' },
    { is: 'one-moment', path: '/nowhere' },
    ...(
      [
        'disabled',
        'account-expired',
        'protected',
        'cannot-change-password',
        'minimum-age',
        'admin-locked',
        'missing-right',
      ] satisfies BlockedWhy[]
    ).map((why): Outcome => ({ is: 'blocked', why, until: why === 'minimum-age' ? NOW + 86_400_000 : undefined })),
  ];
  const statuses: ErrorStatus[] = [400, 403, 404, 405, 413, 415, 429, 500, 503];

  const asked = (['neighbour', 'refused-dish', 'first-film'] as const).map((id, n) => ({
    name: `answer${n}`,
    text: `question.${id}`,
  }));
  const choosing = {
    ...bind,
    catalogue: CATALOGUE.map((id) => ({ id, text: `question.${id}` })),
    count: 5,
    own: false,
    least: 3,
  };
  const facts = [
    {
      name: 'card',
      says: { en: 'Number on your library card', de: 'Nummer auf dem Bibliotheksausweis', ar: 'رقم بطاقة المكتبة' },
    },
    { name: 'born', says: { en: 'Date of birth', de: 'Geburtsdatum', ar: 'تاريخ الميلاد' } },
  ];
  const pass = {
    ...flow,
    method: 'helper-pass',
    alphabet: 'crockford',
    length: 16,
    anotherAction: '/recover/another',
  } as const;

  return {
    'questions-gate': (
      <AnswerFieldsPage {...flow} method="questions" fields={asked} progress={at(2)} anotherAction="/recover/another" />
    ),
    'questions-gate-wrong': (
      <AnswerFieldsPage
        {...flow}
        method="questions"
        fields={asked}
        progress={at(2)}
        error={{ is: 'mismatch', triesLeft: 2 }}
        anotherAction="/recover/another"
      />
    ),
    'questions-void': (
      <ChooseMethodPage
        {...flow}
        gate="later"
        methods={[{ id: 'questions' }, { id: 'totp' }]}
        error={{ is: 'expired' }}
        about="questions"
        progress={at(2)}
      />
    ),
    'questions-choose': <EnrolQuestionsPage {...choosing} />,
    'questions-choose-wrong': (
      <EnrolQuestionsPage
        {...choosing}
        own
        typed={{
          question0: 'neighbour',
          answer0: 'amina',
          question1: 'own',
          own1: 'Why?',
          answer1: 'because of the rain',
          question2: '',
          answer2: '',
        }}
        problems={[
          { why: 'answer-is-name', field: 'answer0' },
          { why: 'too-short', field: 'own1' },
          { why: 'missing', field: 'question2' },
          { why: 'missing', field: 'answer2' },
        ]}
      />
    ),
    'questions-proof': <EnrolQuestionsProofPage {...bind} fields={asked.slice(0, 2)} restartAction="/ways/restart" />,
    'questions-proof-wrong': (
      <EnrolQuestionsProofPage
        {...bind}
        fields={asked.slice(0, 2)}
        restartAction="/ways/restart"
        error={{ is: 'mismatch', triesLeft: 4 }}
      />
    ),
    'facts-gate': <AnswerFieldsPage {...flow} method="directory-facts" fields={facts} progress={at(3)} />,
    'facts-gate-wrong': (
      <AnswerFieldsPage
        {...flow}
        method="directory-facts"
        fields={facts}
        progress={at(3)}
        error={{ is: 'mismatch', triesLeft: 1 }}
      />
    ),
    'pass-gate': <EnterCodePage {...pass} progress={at(1)} />,
    'pass-gate-wrong': <EnterCodePage {...pass} progress={at(1)} error={{ is: 'mismatch', triesLeft: 3 }} />,
    'pass-void': (
      <ChooseMethodPage
        {...flow}
        gate="first"
        methods={[{ id: 'email' }, { id: 'helper-pass' }]}
        error={{ is: 'expired' }}
        about="helper-pass"
        progress={at(1)}
      />
    ),
    start: <StartPage t={t} shell={shell} passkey />,
    'start-missing': <StartPage t={t} shell={shell} passkey error="missing" />,
    'start-passkey': <StartPage t={t} shell={shell} passkey error="passkey" />,
    'passkey-use': <UsePasskeyPage {...flow} progress={at(1)} options="{}" anotherAction="/x" />,
    'passkey-use-mismatch': (
      <UsePasskeyPage
        {...flow}
        progress={at(1)}
        options="{}"
        anotherAction="/x"
        error={{ is: 'mismatch', triesLeft: 4 }}
      />
    ),
    'passkey-use-wait': (
      <UsePasskeyPage {...flow} progress={at(1)} options="{}" anotherAction="/x" error={{ is: 'wait', seconds: 60 }} />
    ),
    'passkey-use-unable': (
      <UsePasskeyPage
        {...flow}
        shell={{ ...shell, assets: { styles: assets.styles.path } }}
        progress={at(1)}
        options="{}"
        anotherAction="/x"
      />
    ),
    'passkey-create': <CreatePasskeyPage {...bind} options="{}" />,
    'passkey-create-known': <CreatePasskeyPage {...bind} options="{}" error={{ is: 'known' }} />,
    'passkey-create-unable': (
      <CreatePasskeyPage {...bind} shell={{ ...inside, assets: { styles: assets.styles.path } }} options="{}" />
    ),
    'choose-first': (
      <ChooseMethodPage
        {...flow}
        progress={at(1)}
        gate="first"
        methods={[{ id: 'email' }, { id: 'totp' }, { id: 'passkey' }, { id: 'recovery-code' }]}
        noneAction="/x"
      />
    ),
    'choose-later': (
      <ChooseMethodPage
        {...flow}
        progress={at(2)}
        gate="later"
        methods={[{ id: 'totp' }, { id: 'recovery-code', hint: t('ways.codes-left', { n: 7 }) }]}
        noneAction="/x"
        error="missing"
      />
    ),
    'choose-settling': (
      <ChooseMethodPage
        {...flow}
        progress={at(2)}
        gate="later"
        methods={[{ id: 'email', hint: 'a•••@private.example' }, { id: 'recovery-code' }]}
        settlesAt={NOW + 3 * 86_400_000}
      />
    ),
    'not-enough-settling': (
      <OutcomePage t={t} shell={shell} outcome={{ is: 'not-enough-ways', until: NOW + 3 * 86_400_000 }} />
    ),
    'code-email': <EnterCodePage {...email} progress={at(1)} resend={{ action: '/x', inSeconds: 42 }} />,
    'code-email-mismatch': (
      <EnterCodePage
        {...email}
        progress={at(1)}
        error={{ is: 'mismatch', triesLeft: 4 }}
        resend={{ action: '/x', inSeconds: 0 }}
      />
    ),
    'code-email-resent': <EnterCodePage {...email} progress={at(1)} resent resend={{ action: '/x', inSeconds: 60 }} />,
    'code-email-expired': (
      <EnterCodePage {...email} progress={at(1)} error={{ is: 'expired' }} resend={{ action: '/x', inSeconds: 0 }} />
    ),
    'code-email-practice': <EnterCodePage {...email} {...bind} sentTo="a•••@home.example" progress={at(1)} practice />,
    'choose-phones': (
      <ChooseMethodPage
        {...flow}
        progress={at(2)}
        gate="later"
        methods={[{ id: 'sms', hint: '•••• ••• 67' }, { id: 'voice', hint: '•••• ••• 67' }, { id: 'totp' }]}
      />
    ),
    'code-sms': (
      <EnterCodePage
        {...email}
        method="sms"
        length={6}
        progress={at(1)}
        resend={{ action: '/x', inSeconds: 42 }}
        instead={{ action: '/x', method: 'voice' }}
      />
    ),
    'code-sms-known': (
      <EnterCodePage
        {...email}
        method="sms"
        length={6}
        progress={at(2)}
        sentTo="•••• ••• 67"
        error={{ is: 'mismatch', triesLeft: 3 }}
        resend={{ action: '/x', inSeconds: 0 }}
        instead={{ action: '/x', method: 'voice' }}
      />
    ),
    'code-voice': (
      <EnterCodePage
        {...email}
        method="voice"
        length={6}
        progress={at(1)}
        press="407"
        resend={{ action: '/x', inSeconds: 42 }}
        instead={{ action: '/x', method: 'sms' }}
      />
    ),
    'code-voice-again': (
      <EnterCodePage
        {...email}
        method="voice"
        length={6}
        progress={at(2)}
        press="913"
        sentTo="•••• ••• 67"
        resent
        resend={{ action: '/x', inSeconds: 0 }}
      />
    ),
    'code-totp': <EnterCodePage {...email} method="totp" length={6} progress={at(2)} />,
    'code-totp-wait': (
      <EnterCodePage {...email} method="totp" length={6} progress={at(2)} error={{ is: 'wait', seconds: 60 }} />
    ),
    'code-saved': <EnterCodePage {...email} method="recovery-code" alphabet="crockford" length={20} progress={at(2)} />,
    'code-saved-missing': (
      <EnterCodePage
        {...email}
        method="recovery-code"
        alphabet="crockford"
        length={20}
        progress={at(2)}
        error={{ is: 'missing' }}
      />
    ),
    password: <NewPasswordPage {...password} />,
    'password-refused': (
      <NewPasswordPage
        {...password}
        rules={halfway}
        error={{ is: 'refused', refusals: [{ id: 'complexity' }, { id: 'context' }] }}
      />
    ),
    'password-differ': <NewPasswordPage {...password} error={{ is: 'differ' }} />,
    'password-live': (
      <NewPasswordPage
        {...password}
        rules={[
          ...halfway,
          ruleView(t, { id: 'guessable', state: 'no', fromDirectory: false }),
          ruleView(t, { id: 'breached', state: 'open', fromDirectory: false }),
        ]}
        strength={strengthView(t, { level: 1, warning: 'similarToCommon', advice: ['anotherWord', 'l33t'] })}
      />
    ),
    'password-fair': (
      <NewPasswordPage {...password} strength={strengthView(t, { level: 2, advice: ['anotherWord'] })} />
    ),
    'password-suggested': (
      <NewPasswordPage
        {...password}
        suggestion="teapot canyon violin meadow ladder"
        strength={strengthView(t, { level: 4, advice: [] })}
      />
    ),
    'password-leaked': (
      <NewPasswordPage
        {...password}
        error={{ is: 'refused', refusals: [{ id: 'breached' }, { id: 'guessable' }, { id: 'contains' }] }}
      />
    ),
    'password-no-suggestion': <NewPasswordPage {...password} error={{ is: 'no-suggestion' }} />,
    'password-practice': <NewPasswordPage {...password} shell={inside} practice />,
    done: (
      <DonePage
        t={t}
        shell={shell}
        name={made.first}
        told={['a•••@northfield.example', 'k•••@home.example']}
        signInUrl="https://x.example"
      />
    ),
    'done-code': (
      <DonePage
        t={t}
        shell={shell}
        name={made.first}
        told={['a•••@northfield.example']}
        replacementCode={codes[0] as string}
        signInUrl="https://x.example"
      />
    ),
    'done-systems': (
      <DonePage
        t={t}
        shell={shell}
        name={made.first}
        told={['a•••@northfield.example']}
        systems={systems}
        signInUrl="https://x.example"
      />
    ),
    'systems-page': <SystemsPage t={t} shell={shell} systems={systems} url="/recover/systems" signInUrl="/x" />,
    'done-practice': <DonePage t={t} shell={inside} name={made.first} told={[]} practice />,
    ...Object.fromEntries(
      outcomes.map((outcome) => [
        `outcome-${outcome.is === 'blocked' ? outcome.why : outcome.is}`,
        <OutcomePage t={t} shell={shell} outcome={outcome} />,
      ]),
    ),
    'sign-in': <SignInPage t={t} shell={shell} action="/sign-in" />,
    'sign-in-wrong': <SignInPage t={t} shell={shell} action="/sign-in" username="amina" error={{ is: 'wrong' }} />,
    'sign-in-idle': <SignInPage t={t} shell={shell} action="/sign-in" notice="idle" />,
    'sign-in-confirm': <SignInPage t={t} shell={inside} action="/sign-in" variant="confirm" username="amina" />,
    'change-suggested': (
      <ChangePage
        t={t}
        shell={shell}
        action="/change"
        variant="known"
        username="amina"
        rules={rules}
        minLength={15}
        suggestion="k7mq-x9dp-22rf-abcd"
      />
    ),
    change: <ChangePage t={t} shell={shell} action="/change" variant="known" rules={rules} minLength={15} />,
    'change-expired': (
      <ChangePage
        t={t}
        shell={shell}
        action="/change"
        variant="expired"
        username="amina"
        rules={rules}
        minLength={15}
      />
    ),
    'change-must': (
      <ChangePage
        t={t}
        shell={shell}
        action="/change"
        variant="must-change"
        username="amina"
        rules={rules}
        error={{ is: 'wrong-current' }}
      />
    ),
    'change-signed-in': (
      <ChangePage
        t={t}
        shell={inside}
        action="/change"
        variant="signed-in"
        username="amina"
        rules={halfway}
        error={{ is: 'refused', refusals: [{ id: 'history' }] }}
      />
    ),
    'change-done': <ChangeDonePage t={t} shell={inside} told={['a•••@northfield.example']} />,
    'safety-frozen': (
      <SafetyPage
        t={t}
        shell={inside}
        ways={[
          { id: '1', method: 'email', label: 'k•••@home.example', state: 'settling', settlesAt: NOW, removeUrl: '/x' },
          { id: '2', method: 'totp', label: 'My phone', state: 'disabled', removeUrl: '/x', renameUrl: '/x' },
        ]}
        missing={[]}
        gaps={['frozen', 'disabled', 'reconfirm']}
        {...lately}
        notice="renamed"
      />
    ),
    'oidc-go': (
      <GoElsewherePage
        {...flow}
        progress={at(1)}
        method="oidc"
        url="https://id.example.org/"
        who="State ID"
        anotherAction="/recover/another"
      />
    ),
    'oidc-refused': (
      <ChooseMethodPage
        {...flow}
        progress={at(1)}
        gate="first"
        methods={[{ id: 'email' }, { id: 'oidc' }, { id: 'contact-approval' }]}
        error={{ is: 'expired' }}
        about="oidc"
      />
    ),
    'oidc-unavailable': (
      <ChooseMethodPage
        {...flow}
        progress={at(1)}
        gate="first"
        methods={[{ id: 'email' }, { id: 'oidc' }]}
        error={{ is: 'unavailable' }}
      />
    ),
    'oidc-link': <LinkElsewherePage t={t} shell={inside} method="oidc" url="https://id.example.org/" who="State ID" />,
    'oidc-shared': (
      <LinkElsewherePage
        t={t}
        shell={inside}
        method="oidc"
        url="https://id.example.org/"
        who="State ID"
        error="shared"
      />
    ),
    'approval-wait': (
      <WaitApprovalPage
        {...flow}
        progress={at(1)}
        method="contact-approval"
        number="417"
        until={NOW + 600_000}
        waiting={false}
        answeredUrl="/nowhere"
        anotherAction="/recover/another"
      />
    ),
    'approval-wait-again': (
      <WaitApprovalPage
        {...flow}
        progress={at(2)}
        method="contact-approval"
        number="417"
        until={NOW + 600_000}
        who={made.contact}
        waiting
        answeredUrl="/nowhere"
        anotherAction="/recover/another"
      />
    ),
    'approval-contact': <ChooseContactPage t={t} shell={inside} action="/ways/add/contact-approval" />,
    'approval-contact-own': (
      <ChooseContactPage t={t} shell={inside} action="/x" address="amina@northfield.example" error="own" />
    ),
    'approval-contact-declined': <ChooseContactPage t={t} shell={inside} action="/x" error="declined" />,
    'approval-consent-wait': (
      <WaitConsentPage
        t={t}
        shell={inside}
        action="/x"
        restartAction="/x"
        who={made.contact}
        until={NOW + 86_400_000}
        waiting
      />
    ),
    'approve-link': <ApproveLinkPage t={t} shell={shell} />,
    approve: <ApprovePage {...approving} practice={false} />,
    'approve-wrong': <ApprovePage {...approving} practice error={{ is: 'wrong', triesLeft: 2 }} />,
    'approve-agree': <AgreePage t={t} shell={shell} who={made.person} username="amina" action="/x" refuseAction="/x" />,
    ...Object.fromEntries(
      (['given', 'agreed', 'refused', 'declined', 'void', 'over', 'not-you', 'sign-in'] as const).map((result) => [
        `approve-${result}`,
        <ApproveResultPage t={t} shell={result === 'not-you' ? inside : shell} result={result} />,
      ]),
    ),
    rename: <RenamePage t={t} shell={inside} action="/x" method="totp" label="My phone" />,
    'start-unlock': <StartPage t={t} shell={shell} goal="unlock" unlock />,
    'unlock-confirm': <ConfirmUnlockPage {...flow} action="/x" />,
    'unlock-failed': <ConfirmUnlockPage {...flow} action="/x" failed />,
    'unlock-done': (
      <DonePage t={t} shell={shell} name={names[language].first} told={['a•••@home.example']} unlocked signInUrl="/x" />
    ),
    'lost-choose': (
      <ChooseLostPage
        {...flow}
        action="/x"
        missing
        factors={[
          { id: '1', method: 'totp', label: 'My phone' },
          { id: '2', method: 'totp', label: 'Tablet' },
        ]}
      />
    ),
    waiting: <WaitingPage {...flow} action="/x" until={NOW} told={['a•••@home.example']} over={false} />,
    'waiting-over': <WaitingPage {...flow} action="/x" until={NOW} told={[]} over />,
    username: <UsernamePage t={t} shell={shell} />,
    'username-wrong': <UsernamePage t={t} shell={shell} address="amina" error="invalid" />,
    stop: <StopPage t={t} shell={shell} />,
    'outcome-username-asked': <OutcomePage t={t} shell={shell} outcome={{ is: 'username-asked' }} />,
    'outcome-stopped': <OutcomePage t={t} shell={shell} outcome={{ is: 'stopped' }} />,
    'outcome-stop-unknown': <OutcomePage t={t} shell={shell} outcome={{ is: 'stop-unknown' }} />,
    'outcome-frozen': <OutcomePage t={t} shell={shell} outcome={{ is: 'frozen' }} />,
    'outcome-risk': <OutcomePage t={t} shell={shell} outcome={{ is: 'risk' }} />,
    'safety-none': (
      <SafetyPage
        t={t}
        shell={inside}
        ways={[]}
        gaps={['no-way']}
        {...lately}
        notice="signed-in"
        missing={[
          { method: 'email', addUrl: '/x' },
          { method: 'totp', addUrl: '/x' },
          { method: 'recovery-code', addUrl: '/x' },
        ]}
      />
    ),
    'safety-some': (
      <SafetyPage
        t={t}
        shell={{ ...inside, idle: { seconds: 900, keepAlive: '/keep', ended: '/sign-in' } }}
        ways={[
          {
            id: '1',
            method: 'email',
            label: 'a•••@northfield.example',
            state: 'same-mailbox',
            removeUrl: '/x',
            lastUsedAt: NOW,
          },
          {
            id: '2',
            method: 'email',
            label: 'k•••@home.example',
            state: 'unconfirmed',
            confirmUrl: '/x',
            removeUrl: '/x',
          },
          { id: '3', method: 'recovery-code', state: 'ready', codesLeft: 2, removeUrl: '/x' },
        ]}
        missing={[{ method: 'totp', addUrl: '/x' }]}
        gaps={['same-mailbox', 'unconfirmed', 'few-codes']}
        {...lately}
      />
    ),
    'safety-good': (
      <SafetyPage
        t={t}
        shell={inside}
        ways={[
          { id: '1', method: 'email', label: 'k•••@home.example', state: 'ready', removeUrl: '/x', lastUsedAt: NOW },
          { id: '2', method: 'totp', state: 'ready', removeUrl: '/x' },
          { id: '3', method: 'recovery-code', state: 'ready', codesLeft: 10, removeUrl: '/x' },
        ]}
        missing={[]}
        gaps={[]}
        {...lately}
        notice="added"
      />
    ),
    add: <AddMethodPage {...bind} methods={['email', 'totp', 'recovery-code']} />,
    'enrol-address': <EnrolAddressPage {...bind} />,
    'enrol-address-same': <EnrolAddressPage {...bind} address="amina@northfield.example" error="same" />,
    'enrol-confirm': (
      <EnrolConfirmCodePage
        {...bind}
        address="amina.khan@home.example"
        length={8}
        resend={{ action: '/x', inSeconds: 60 }}
        changeAddressAction="/x"
      />
    ),
    'enrol-phone': <EnrolPhonePage {...bind} method="sms" safer={['passkey', 'totp']} />,
    'enrol-phone-wrong': (
      <EnrolPhonePage {...bind} method="sms" number="0170 12" error="phone.too-short" safer={['totp']} />
    ),
    'enrol-phone-call': <EnrolPhonePage {...bind} method="voice" number="+4930901820" safer={[]} />,
    'enrol-phone-confirm': (
      <EnrolConfirmCodePage {...bind} method="sms" address="•••• ••• 67" length={6} changeAddressAction="/x" />
    ),
    'enrol-phone-confirm-call': (
      <EnrolConfirmCodePage
        {...bind}
        method="voice"
        address="•••• ••• 20"
        length={6}
        press="407"
        changeAddressAction="/x"
      />
    ),
    'enrol-phone-shared': (
      <EnrolConfirmCodePage
        {...bind}
        method="sms"
        address="•••• ••• 67"
        length={6}
        refused="phone.shared"
        changeAddressAction="/x"
      />
    ),
    'enrol-totp': <EnrolTotpPage {...bind} uri={uri} secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP" length={6} />,
    'enrol-totp-mismatch': (
      <EnrolTotpPage
        {...bind}
        uri={uri}
        secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        length={6}
        error={{ is: 'mismatch' }}
      />
    ),
    'enrol-codes': (
      <EnrolCodesPage
        {...bind}
        codes={codes}
        username="amina"
        portalUrl="https://password.northfield.example"
        madeAt={NOW}
      />
    ),
    'enrol-codes-not-saved': (
      <EnrolCodesPage {...bind} codes={codes} username="amina" madeAt={NOW} replaces error="not-saved" />
    ),
    remove: <RemovePage t={t} shell={inside} action="/x" method="totp" />,
    'remove-strands': <RemovePage t={t} shell={inside} action="/x" method="email" label="k•••@home.example" strands />,
    ...Object.fromEntries(
      statuses.map((status) => [
        `error-${status}`,
        <ErrorPage t={t} shell={shell} status={status} reference="7f3c9a2e" again="/nowhere" />,
      ]),
    ),
    'email-link': <EmailLinkPage t={t} shell={shell} action="/recover/link" codeUrl="/recover" />,
    demo: (
      <DemoPage
        t={t}
        shell={{ ...shell, demo: true }}
        ways={Object.keys(methodLooks) as MethodId[]}
        pass={{ name: 'Amina Khan', code: '7KQ2-9M4T-XW3H-PB8D', expiresAt: NOW }}
        people={[
          {
            username: 'amina',
            displayName: 'Amina Khan',
            password: 'teapot canyon violin',
            note: 'Has an address and an app.',
            ways: ['email', 'totp'],
            currentTotp: '492 039',
            phone: '+491713920001',
            manager: 'carla',
            card: '20417',
            answers: [{ question: t('question.first-toy'), answer: 'tin giraffe' }],
          },
          {
            username: 'ben',
            displayName: 'Ben Okoro',
            password: 'silver ladder morning',
            note: 'Has saved codes too.',
            ways: ['email', 'recovery-code'],
            savedCodes: codes,
          },
          {
            username: 'carla',
            displayName: 'Carla Meyer',
            password: 'cotton river lantern',
            note: 'Has set up nothing yet.',
            ways: [],
          },
        ]}
      />
    ),
    'demo-phone': (
      <DemoPhonePage
        t={t}
        shell={{ ...shell, demo: true }}
        texts={[
          {
            id: '1',
            to: '+491713920001',
            text: `${made.organisation}: 483190\n\n@password.northfield.example #483190`,
            at: NOW,
          },
        ]}
        calls={(['ringing', 'right', 'wrong'] as const).map((state) => ({
          id: state,
          to: '+491713920001',
          language,
          greeting: phrasesFor(language).greeting(made.organisation),
          ...(state === 'right' ? { spoken: `${phrasesFor(language).code} \u20664 8 3 1 9 0\u2069.` } : {}),
          ...(state === 'wrong' ? { wrong: true } : {}),
          at: NOW,
        }))}
      />
    ),
    'demo-phone-empty': <DemoPhonePage t={t} shell={{ ...shell, demo: true }} texts={[]} calls={[]} />,
    'demo-app': (
      <DemoAppPage
        t={t}
        shell={{ ...shell, demo: true }}
        codes={[
          { name: t('demo.app.new', { start: 'JBSW' }), code: '830214' },
          { name: 'Amina Khan', code: '492039' },
        ]}
        left={17}
      />
    ),
    'demo-app-wrong': <DemoAppPage t={t} shell={{ ...shell, demo: true }} codes={[]} left={17} wrong />,
    'demo-idp': (
      <DemoIdpPage
        t={t}
        shell={{ ...shell, demo: true }}
        action="/x"
        request={{}}
        people={[
          { username: 'amina', displayName: 'Amina Khan' },
          { username: 'ben', displayName: 'Ben Okoro' },
        ]}
      />
    ),
    'demo-inbox': (
      <DemoInboxPage
        t={t}
        shell={{ ...shell, demo: true }}
        messages={[
          { id: '2', to: 'amina@home.example', subject: 'Your code: 4831 9027', at: NOW },
          { id: '1', to: 'ben@home.example', subject: 'Your password was changed', at: NOW - 600_000 },
        ]}
      />
    ),
    'demo-inbox-empty': <DemoInboxPage t={t} shell={{ ...shell, demo: true }} messages={[]} />,
    'demo-message': (
      <DemoMessagePage
        t={t}
        shell={{ ...shell, demo: true }}
        htmlUrl="/frame"
        message={{
          id: '2',
          to: 'amina@home.example',
          subject: 'Your code: 4831 9027',
          at: NOW,
          text: 'Hello Amina,\n\nyour code is 4831 9027. Or open https://password.northfield.example/recover/link#token=abc\n',
        }}
      />
    ),
    ...consoleStates({ t, language, shell: inside }),
    ...rolloutStates({ t, language, shell: inside }),
    ...reportsStates({ t, language, shell: inside }),
    ...tokensStates({ t, language, shell: inside }),
    ...deskStates({ t, language, shell: inside }),
    ...readinessStates({ t, language, shell: inside }),
    ...auditStates({ t, language, shell: inside }),
    ...privacyStates({ t, language, shell: inside }),
    ...settingsStates({ t, language, shell: inside }),
  };
}
