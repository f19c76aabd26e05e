/** Fills in a suggested password without leaving the page, readable and ready to be copied. */
export {};

const offer = document.querySelector<HTMLElement>('.suggest');
const form = offer?.querySelector('form');
const field = document.querySelector<HTMLInputElement>('input#password');

if (offer && form && field) {
  const words = offer.dataset;
  const copy = document.createElement('button');
  copy.type = 'button';
  copy.className = 'link';
  copy.textContent = words['copyWord'] ?? '';
  const news = document.createElement('span');
  news.setAttribute('role', 'status');
  copy.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      news.textContent = words['copied'] ?? '';
    } catch {
      // Not allowed here: it is readable and can be selected.
      copy.remove();
    }
  });
  const line = document.createElement('p');
  if (navigator.clipboard) line.append(copy, ' ');
  line.append(news);

  const show = (password: string): void => {
    const box = document.createElement('div');
    box.className = 'suggested';
    const note = document.createElement('p');
    note.className = 'soft';
    note.textContent = words['note'] ?? '';
    const text = document.createElement('code');
    text.className = 'secret';
    text.dir = 'ltr';
    text.textContent = password;
    box.append(note, text, line);
    document.querySelector('.suggested')?.remove();
    field.closest('.field')?.before(box);
  };
  document.querySelector('.suggested')?.append(line);
  // What somebody types instead is theirs, and is not to be read by others.
  field.addEventListener('input', (event) => {
    if (event.isTrusted) document.querySelector('.suggested')?.remove();
  });

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    // It may be sent again and again.
    event.stopPropagation();
    const kind = event.submitter instanceof HTMLButtonElement ? event.submitter.value : 'words';
    const body = new URLSearchParams({ kind });
    for (const input of form.querySelectorAll('input')) body.set(input.name, input.value);
    try {
      const answer = await fetch(form.action, { method: 'POST', body, headers: { accept: 'application/json' } });
      const { password } = (await answer.json()) as { password: string };
      field.value = password;
      if (field.type === 'password') field.parentElement?.querySelector('button')?.click();
      field.dispatchEvent(new Event('input', { bubbles: true }));
      news.textContent = '';
      show(password);
      field.focus();
    } catch {
      // Offline, expired or none to be had: the page itself says what is the matter.
      form.submit();
    }
  });
}
