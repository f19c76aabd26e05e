/** Copy and print buttons for saved codes. */
export {};

for (const frame of document.querySelectorAll<HTMLElement>('[data-needs-script]')) frame.hidden = false;

for (const button of document.querySelectorAll<HTMLElement>('[data-copy]')) {
  const list = document.getElementById(button.dataset['copy'] ?? '');
  if (!list || !navigator.clipboard) {
    button.remove();
    continue;
  }
  button.addEventListener('click', async () => {
    const lines = [...list.querySelectorAll('li')].map((line) => line.textContent ?? '');
    try {
      await navigator.clipboard.writeText(lines.join('\n'));
      const news = document.querySelector('[data-said-copied]');
      if (news) news.textContent = list.dataset['copied'] ?? '';
    } catch {
      // Not allowed here: the codes can be selected by hand.
      button.remove();
    }
  });
}
for (const button of document.querySelectorAll('[data-print]')) button.addEventListener('click', () => window.print());
