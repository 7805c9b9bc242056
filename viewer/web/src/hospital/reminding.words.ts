// The texts of reminders, which come with the part that shows them.
import { fill, lang } from '../i18n';

const ja = {
  title: '未確認のレポートの催促',
  lead: '依頼医が確認していないレポートを、画面の外でも知らせます。患者の情報は送りません。確認されると止まります。',
  doctor: '依頼医本人へ（本人のメールアドレス）',
  ways: '病院へ（お知らせを受け取る送信先）',
  none: 'お知らせを受け取る送信先は登録されていません。',
  quiet: '知らせない時間帯（緊急の所見は除く）',
  to: '～',
  hospital: '病院',
  save: '保存',
  saved: '保存しました',
  mailto: 'メール',
  https: 'Webhook',
  http: 'Webhook',
  reminder: '催促{n}回目',
  escalation: '期限超過の連絡',
  sent: '{at} 送信済',
  waiting: '{at} 送信予定',
  stopped: '送信せず',
} as const;

const en: Record<keyof typeof ja, string> = {
  title: 'Reminders of unread reports',
  lead: 'What the ordering doctor has not acknowledged is told of outside these pages, without anything of the patient, until it is acknowledged.',
  doctor: 'To the ordering doctor, by their own e-mail',
  ways: 'To the hospital, by the destinations that take notices',
  none: 'No destination of the hospital takes notices.',
  quiet: 'Not between these times (but for critical findings)',
  to: 'to',
  hospital: 'Hospital',
  save: 'Save',
  saved: 'Saved',
  mailto: 'e-mail',
  https: 'webhook',
  http: 'webhook',
  reminder: 'reminder {n}',
  escalation: 'past its deadline',
  sent: 'sent {at}',
  waiting: 'to be sent {at}',
  stopped: 'not sent',
};

/** As t of the shell's dictionary. */
export function w(k: keyof typeof ja, vars?: Record<string, string | number>): string {
  return fill((lang.value === 'ja' ? ja : en)[k], vars);
}
