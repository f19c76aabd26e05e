/** Counts down until a new code may be asked for. Seen every second, spoken only once, at the end. */
export {};

for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-wait]')) {
  const ready = button.textContent ?? '';
  const until = performance.now() + Number(button.dataset['wait']) * 1000;
  const note = button.form?.querySelector('[data-wait-note]');
  const news = document.createElement('p');
  news.className = 'unseen';
  news.setAttribute('role', 'status');
  button.after(news);
  note?.classList.add('unseen');

  const show = (): void => {
    const left = Math.ceil((until - performance.now()) / 1000);
    if (left > 0) {
      button.setAttribute('aria-disabled', 'true');
      button.textContent = (button.dataset['counting'] ?? '').replace('{n}', String(left));
      return;
    }
    clearInterval(timer);
    button.removeAttribute('aria-disabled');
    button.textContent = ready;
    note?.remove();
    news.textContent = ready;
  };
  const timer = setInterval(show, 1000);
  show();
}
