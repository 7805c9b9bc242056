import { errorCode } from '../api/error';
import { tOr } from '../i18n';
import { say } from './toast';

/** What went wrong in the words of the reader. */
export function problemText(e: unknown): string {
  return codeText(errorCode(e));
}

export function codeText(code: string): string {
  return tOr(`error.${code}`, 'error.unknown', { code });
}

export function sayProblem(e: unknown) {
  say(problemText(e), true);
}
