/** Warns two minutes before an idle session ends and lets people stay, as often as they like. */
export {};

const WARN_SECONDS = 120;
const frame = document.querySelector<HTMLElement>('[data-idle]');
const note = frame?.querySelector<HTMLElement>('.note');

if (frame && note) {
  const total = Number(frame.dataset['idle']);
  // Wall clock: a laptop that slept must not think that no time has passed.
  let since = Date.now();

  const look = (): void => {
    const left = total - (Date.now() - since) / 1000;
    note.hidden = left > WARN_SECONDS;
    if (left <= 0) location.assign(frame.dataset['ended'] ?? '/');
  };

  note.querySelector('button')?.addEventListener('click', async () => {
    try {
      const answer = await fetch(frame.dataset['keepAlive'] ?? '', {
        method: 'POST',
        body: new URLSearchParams({ _csrf: frame.dataset['csrf'] ?? '' }),
      });
      if (answer.ok) since = Date.now();
    } catch {
      // No connection: the warning stays, pressing again tries again.
    }
    look();
  });
  setInterval(look, 5000);
}
