// Where text from elsewhere on the page (図1, a measurement) goes into the report:
// to the caret of the section written in last, to the findings when none was.

const sections = 'textarea[data-section]';
let last: HTMLTextAreaElement | null = null;

if (typeof document !== 'undefined') {
  document.addEventListener('focusin', (e) => {
    if (e.target instanceof HTMLTextAreaElement && e.target.matches(sections)) last = e.target;
  });
}

/** False when no report is being written. */
export function insertIntoReport(text: string): boolean {
  const field = last?.isConnected ? last : document.querySelector<HTMLTextAreaElement>(sections);
  if (!field || field.disabled || field.readOnly) return false;
  field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end');
  field.dispatchEvent(new Event('input', { bubbles: true }));
  return true;
}

/** The event by which a key opens the fields of the template that suits the study best. */
export const openForm = 'dokuei:form';
