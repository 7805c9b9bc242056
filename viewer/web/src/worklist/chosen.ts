import { signal } from '@preact/signals';
import type { ListFilter } from '../api/types';
import { usual } from './columns';

/** A list with a name: the own ones are kept with the person, others are shared. */
export interface NamedList {
  name: string;
  filter: ListFilter;
}

export interface Settings {
  columns: string[];
  lists: NamedList[];
  /** After a signature the next study is opened. */
  autoNext: boolean;
}

export const preset: Settings = { columns: usual, lists: [], autoNext: false };

/** How the list was left: what comes after a study is the next of it. */
export const left: { filter: ListFilter; selected: string } = { filter: { state: 'open' }, selected: '' };

/** What the person has chosen; until it is known (settings.ts), the usual. */
export const settings = signal<Settings>(preset);
