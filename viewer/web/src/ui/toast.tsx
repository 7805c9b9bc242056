import { signal } from '@preact/signals';

interface Toast {
  id: number;
  text: string;
  bad: boolean;
}

const toasts = signal<Toast[]>([]);
let last = 0;

export function say(text: string, bad = false) {
  const id = ++last;
  toasts.value = [...toasts.value.slice(-2), { id, text, bad }];
  setTimeout(() => (toasts.value = toasts.value.filter((x) => x.id !== id)), bad ? 8000 : 4000);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((x) => (
        <div key={x.id} class={x.bad ? 'toast bad' : 'toast'}>
          {x.text}
        </div>
      ))}
    </div>
  );
}
