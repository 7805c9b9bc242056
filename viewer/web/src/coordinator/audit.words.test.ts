import { expect, test } from 'vitest';
import { lang } from '../i18n';
import { act, kinds } from './audit.words';

test('an act is called by what it is about and what was done', () => {
  lang.value = 'ja';
  expect(act('study.viewed')).toBe('検査の閲覧');
  lang.value = 'en';
  expect(act('study.viewed')).toBe('Study viewed');
  expect(act('room.look_started')).toBe('Conversation: looking together begun');
});

test('one without words is shown as it is recorded', () => {
  for (const one of ['study.teleported', 'planet.viewed', 'backup', '', 'constructor.toString']) expect(act(one)).toBe(one);
});

test('every kind asks for a beginning of acts', () => {
  for (const k of kinds()) expect(k.id).toMatch(/^[a-z]+\.$/);
});
