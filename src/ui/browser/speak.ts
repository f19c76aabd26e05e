/** A button that reads a call of the demo aloud. Its words are on the page in any case. */
export {};

for (const words of document.querySelectorAll<HTMLElement>('[data-speak]')) {
  if (!('speechSynthesis' in window)) break;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'link';
  button.textContent = words.dataset['speak'] ?? '';
  button.addEventListener('click', () => {
    speechSynthesis.cancel();
    const spoken = new SpeechSynthesisUtterance(words.textContent ?? '');
    spoken.lang = words.lang;
    spoken.rate = 0.8;
    speechSynthesis.speak(spoken);
  });
  words.after(button);
}
