// The texts of rooms. They are here and not in the dictionary of the shell, which
// every reader waits for.
import { errorCode } from '../api/error';
import { fill, lang } from '../i18n';
import { problemText } from '../ui/problem';

const ja = {
  title: 'この検査の相談',
  messages: 'やり取り',
  members: '参加 {n}名:',
  empty: 'まだ何も書かれていません。病院と読影医がここで相談できます。',
  earlier: '以前のものを表示',
  text: '相談内容を入力',
  mention: '宛先',
  everybody: '全員へ',
  to: '宛先: {names}',
  readBy: '既読: {names}',
  send: '送信',
  picture: '添付画像',
  addPicture: '画像',
  'look.title': '画像を一緒に見る',
  'look.start': '画像を一緒に見る',
  'look.open': '{name} さんが画像を表示しています。',
  'look.invite': '{name} さんが検査画像を一緒に見るよう呼びかけています。',
  'look.join': '一緒に見る',
  'look.leads': 'あなたの表示を共有しています。',
  'look.follows': '{name} さんの表示に合わせています。',
  'look.with': '参加: {names}',
  'look.alone': 'ほかの方を待っています。',
  'look.lead': '自分が操作する',
  'look.hand': '{name} さんに操作を渡す',
  'look.leave': '共有をやめる',
  'look.elsewhere': '表示中の画像はこの画面にありません (過去検査など)。',
  'error.look_full': '参加できるのは12名までです。',
  'error.look_state': 'この画像は共有できません。',
  'error.room_text': '内容が空か、長すぎます。',
  'error.room_taken': '送信できませんでした。もう一度お試しください。',
  'error.room_member': '参加していない人は宛先にできません。',
  'error.room_closed': 'すでに回答済みか、終了しています。',
  'error.room_picture': '10 MB・1600万画素までの JPEG か PNG を選んでください。',
} as const satisfies Record<string, string>;

export type Word = keyof typeof ja;

const en: Record<Word, string> = {
  title: 'Discussion of this study',
  messages: 'Messages',
  members: '{n} {n|member|members}:',
  empty: 'Nothing has been said yet. The hospital and the radiologist can talk here.',
  earlier: 'Show earlier ones',
  text: 'Write a message',
  mention: 'To',
  everybody: 'Everybody',
  to: 'To {names}',
  readBy: 'Read by {names}',
  send: 'Send',
  picture: 'Attached picture',
  addPicture: 'Picture',
  'look.title': 'Looking together',
  'look.start': 'Look together',
  'look.open': '{name} is showing images.',
  'look.invite': '{name} asks you to look at images together.',
  'look.join': 'Look along',
  'look.leads': 'Others see what you show.',
  'look.follows': 'You see what {name} shows.',
  'look.with': 'With {names}',
  'look.alone': 'Waiting for others.',
  'look.lead': 'Take the lead',
  'look.hand': 'Hand over to {name}',
  'look.leave': 'Stop looking together',
  'look.elsewhere': 'The image shown is not on this page (of an earlier study, perhaps).',
  'error.look_full': 'No more than 12 people can look together.',
  'error.look_state': 'This image cannot be shared.',
  'error.room_text': 'The text is empty or too long.',
  'error.room_taken': 'It could not be sent. Please try again.',
  'error.room_member': 'Only members of the discussion can be addressed.',
  'error.room_closed': 'This was answered or closed already.',
  'error.room_picture': 'Choose a JPEG or PNG of up to 10 MB and 16 megapixels.',
};

export const words = { ja, en };

/** As t of the shell's dictionary. */
export function w(k: Word, vars?: Record<string, string | number>): string {
  return fill((lang.value === 'ja' ? ja : en)[k], vars);
}

/** What the server refused, in words. */
export function refusal(e: unknown): string {
  const k = `error.${errorCode(e)}`;
  return k in ja ? w(k as Word) : problemText(e);
}
