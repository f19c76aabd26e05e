/** Turns the lines of the connected systems while the new password is on its way. */
export {};

interface Answer {
  settled: boolean;
  systems: { id: string; is: string; text: string }[];
}

const frame = document.querySelector<HTMLElement>('[data-systems]');
const url = frame?.dataset['systems'];
/** Seconds: soon at first, then seldom. */
const pauses = [...Array<number>(15).fill(2), ...Array<number>(24).fill(10)];

if (frame && url) {
  const news = document.createElement('p');
  news.className = 'unseen';
  news.setAttribute('role', 'status');
  frame.append(news);

  const turn = ({ id, is, text }: Answer['systems'][number]): void => {
    const line = frame.querySelector<HTMLElement>(`[data-line="${CSS.escape(id)}"]`);
    const state = line?.querySelector<HTMLElement>('.state');
    if (!line || !state || state.textContent === text) return;
    state.textContent = text;
    state.className = is === 'done' ? 'state good' : is === 'waiting' ? 'state' : 'state late';
    news.textContent = `${line.querySelector('.name')?.textContent ?? ''}: ${text}`;
  };

  const look = async (): Promise<void> => {
    const answer = await fetch(url, { headers: { accept: 'application/json' } }).catch(() => undefined);
    const { systems = [], settled = false } = answer?.ok ? ((await answer.json()) as Answer) : {};
    systems.forEach(turn);
    const pause = settled ? undefined : pauses.shift();
    if (pause !== undefined) setTimeout(() => void look(), pause * 1_000);
  };
  setTimeout(() => void look(), 1_000);
}
