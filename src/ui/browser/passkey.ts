/** Asks the device for a passkey, or to make one. Whoever cancels reads a sentence; nothing is sent then, and no try is lost. */
export {};

/** A challenge lives five minutes; a fresh one is there before it ends. */
const FRESH = 240_000;

// Browsers of the last two years; all others read what else they can do.
const able = typeof PublicKeyCredential === 'function' && 'parseRequestOptionsFromJSON' in PublicKeyCredential;

const base64url = (bytes: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=/g, '');

/** By hand, because some password managers give credentials without `toJSON`; and only what the server reads. */
function written({ id, type, response }: PublicKeyCredential): string {
  const made = response as AuthenticatorAttestationResponse & AuthenticatorAssertionResponse;
  const fields = made.attestationObject
    ? { attestationObject: base64url(made.attestationObject), transports: made.getTransports?.() ?? [] }
    : {
        authenticatorData: base64url(made.authenticatorData),
        signature: base64url(made.signature),
        userHandle: made.userHandle && base64url(made.userHandle),
      };
  return JSON.stringify({
    id,
    rawId: id,
    type,
    response: { clientDataJSON: base64url(response.clientDataJSON), ...fields },
  });
}

function wire(frame: HTMLElement): void {
  const form = frame.querySelector('form');
  const field = form?.querySelector<HTMLInputElement>('input[name=credential]');
  const news = frame.querySelector('[data-passkey-news]');
  const words = frame.dataset;
  let busy = false;
  /** The offer in the list of names that the browser keeps ready. */
  let offer: AbortController | undefined;
  let timer = 0;

  const options = async (signal: AbortSignal | undefined): Promise<PublicKeyCredentialRequestOptionsJSON> => {
    if (!words['ask']) return JSON.parse(words['options'] ?? '');
    const csrf = form?.querySelector<HTMLInputElement>('input[name=_csrf]')?.value ?? '';
    const body = new URLSearchParams({ _csrf: csrf });
    // An answer that comes late must not replace the cookie of a newer one.
    const answer = await fetch(words['ask'], { method: 'POST', body, ...(signal ? { signal } : {}) });
    if (!answer.ok) throw new Error(answer.statusText);
    return answer.json();
  };

  const ask = async (more: CredentialRequestOptions): Promise<void> => {
    const given = await options(more.signal);
    const credential =
      words['passkey'] === 'create'
        ? await navigator.credentials.create({
            publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(
              given as unknown as PublicKeyCredentialCreationOptionsJSON,
            ),
          })
        : await navigator.credentials.get({
            ...more,
            publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(given),
          });
    if (!credential || !field) return;
    field.value = written(credential as PublicKeyCredential);
    form?.requestSubmit();
  };

  const say = (text: string | undefined): void => {
    const line = document.createElement('p');
    line.className = 'note wait';
    line.textContent = text ?? '';
    news?.replaceChildren(...(text ? [line] : []));
  };

  const keepOffering = async (): Promise<void> => {
    if (!words['ask'] || !(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    offer = new AbortController();
    const { signal } = offer;
    timer = setTimeout(() => {
      offer?.abort();
      if (document.hidden) document.addEventListener('visibilitychange', () => void keepOffering(), { once: true });
      else void keepOffering();
    }, FRESH);
    try {
      await ask({ mediation: 'conditional', signal });
    } catch {
      // Nobody had asked for it.
    }
  };

  const press = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    clearTimeout(timer);
    offer?.abort();
    say(undefined);
    try {
      await ask({});
    } catch (error) {
      const name = error instanceof Error ? error.name : '';
      say(
        name === 'NotAllowedError' || name === 'AbortError'
          ? words['cancelled']
          : name === 'InvalidStateError' && words['known']
            ? words['known']
            : words['failed'],
      );
      void keepOffering();
    }
    busy = false;
  };

  // An empty form is an order to ask the device; the filled one is the answer.
  form?.addEventListener('submit', (event) => {
    if (field?.value) return;
    event.preventDefault();
    event.stopPropagation();
    void press();
  });
  // What a page from the history, or a reload, still holds is used up.
  const forget = (): void => {
    if (field) field.value = '';
  };
  forget();
  addEventListener('pageshow', forget);

  frame.querySelector('[data-passkey-unable]')?.remove();
  frame.querySelector('[data-passkey-able]')?.removeAttribute('hidden');
  void keepOffering();
}

if (able) for (const frame of document.querySelectorAll<HTMLElement>('[data-passkey]')) wire(frame);
