/** Turns the ticks of the password rules while somebody types. The server judges; a failed question changes nothing. */
export {};

interface Answer {
  rules: { id: string; state: string }[];
}

const list = document.querySelector<HTMLElement>('[data-rules]');
const input = document.querySelector<HTMLInputElement>('input#password');
const form = input?.form;

if (list && input && form) {
  const news = document.createElement('p');
  news.className = 'unseen';
  news.setAttribute('role', 'status');
  list.after(news);
  let timer = 0;
  let running: AbortController | undefined;

  const show = (rules: Answer['rules']): void => {
    for (const { id, state } of rules)
      list.querySelector(`[data-rule="${CSS.escape(id)}"]`)?.setAttribute('data-state', state);
    const shown = [...list.querySelectorAll('[data-rule]')];
    const done = shown.filter((one) => one.getAttribute('data-state') === 'ok').length;
    const sentence = (list.dataset['said'] ?? '').replace('{n}', String(done)).replace('{of}', String(shown.length));
    if (news.textContent !== sentence) news.textContent = sentence;
  };

  const ask = async (): Promise<void> => {
    running?.abort();
    running = new AbortController();
    const body = new URLSearchParams({ password: input.value });
    for (const name of ['_csrf', 'step']) {
      const hidden = form.elements.namedItem(name);
      if (hidden instanceof HTMLInputElement) body.set(name, hidden.value);
    }
    const current = document.querySelector<HTMLInputElement>('input#username');
    if (current) body.set('username', current.value);
    try {
      const answer = await fetch(list.dataset['rules'] ?? '', {
        method: 'POST',
        body,
        signal: running.signal,
        headers: { accept: 'application/json' },
      });
      if (answer.ok) show(((await answer.json()) as Answer).rules);
    } catch {
      // Offline or overtaken by the next key: the answer comes with the form.
    }
  };

  // The form itself is the last word: a question still under way would come too late.
  form.addEventListener('submit', () => {
    clearTimeout(timer);
    running?.abort();
  });
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), 350);
  });
}
