import { signal } from '@preact/signals';

/** One thing at a time: the width below which a detail takes the place of its list (hospital.css). */
const query = typeof matchMedia === 'function' ? matchMedia('(max-width: 900px)') : null;

export const narrow = signal(query?.matches ?? false);
query?.addEventListener('change', (e) => (narrow.value = e.matches));
