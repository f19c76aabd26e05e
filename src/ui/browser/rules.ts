/** Turns the ticks of the password rules and the meter while somebody types. The server judges; a failed question changes nothing. */
export {};

interface Answer {
  rules: { id: string; state: string; text: string }[];
  strength?: { level: number; text: string; help: string[] };
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
  /** The estimator may still be loading at the first key: that is worth one more question. */
  let loading = true;

  const meter = document.querySelector<HTMLElement>('[data-strength]');

  const turn = ({ id, state, text }: Answer['rules'][number]): void => {
    let line = list.querySelector<HTMLElement>(`[data-rule="${CSS.escape(id)}"]`);
    if (!line) {
      // Some rules are worth a line only once they are broken.
      line = list.querySelector('li')?.cloneNode(true) as HTMLElement;
      line.dataset['rule'] = id;
      (line.lastElementChild as HTMLElement).textContent = text;
      list.append(line);
    }
    line.dataset['state'] = state;
  };

  const show = ({ rules, strength }: Answer): void => {
    for (const line of list.querySelectorAll<HTMLElement>('[data-rule]'))
      if (!rules.some(({ id }) => id === line.dataset['rule'])) line.remove();
    rules.forEach(turn);
    const done = rules.filter(({ state }) => state === 'ok').length;
    const said = (list.dataset['said'] ?? '').replace('{n}', String(done)).replace('{of}', String(rules.length));
    const level = strength?.text ?? '';
    const sentence = `${said}. ${level}`;
    if (news.textContent !== sentence) news.textContent = sentence;
    if (!meter) return;
    meter.dataset['level'] = strength ? String(strength.level) : '';
    meter.querySelector('[data-level-text]')?.replaceChildren(level);
    meter.querySelector('[data-help]')?.replaceChildren(strength?.help.join(' ') ?? '');
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
      if (!answer.ok) return;
      const told = (await answer.json()) as Answer;
      show(told);
      if (told.strength || !loading || input.value === '') return;
      loading = false;
      timer = setTimeout(() => void ask(), 1500);
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
