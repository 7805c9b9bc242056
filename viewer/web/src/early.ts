// Runs before the page's scripts are here. What the page will ask for first is asked for
// (it takes the answers when it gets to them: ask in api/client.ts), and when the address
// names an item, its first picture is shown where the page will have it: marked as a
// preview, with nothing to be done to it. It goes when the page draws its own
// (viewport/first.ts).
declare global {
  var early: Record<string, Promise<Response>> | undefined;
  /** The first picture has been seen, or will not be. */
  var first: Promise<unknown> | undefined;
}

const kept = (name: string) => {
  try {
    return localStorage[`dokuei.${name}`] as string | undefined;
  } catch {
    return undefined; // refused: nothing is remembered
  }
};
const api = '/api/v1';
const item = /^#\/read\/([\w-]+)$/.exec(location.hash)?.[1];
globalThis.early = {};
const ask = (path: string) => {
  const asked = fetch(api + path, { cache: 'no-store' });
  asked.catch(() => undefined); // whoever takes it is told
  return (globalThis.early![api + path] = asked);
};

async function show(opening: Promise<Response>) {
  const { picture } = await (await opening).clone().json();
  const image = new Image();
  image.src = `data:${picture.type};base64,${picture.data}`;
  await image.decode();
  const page = document.getElementById('first')!;
  page.querySelector<HTMLElement>('.desk')!.style.setProperty('--panel-width', `${Math.max(320, Math.min(900, innerWidth - 560, Number(kept('panel')) || 440))}px`);
  page.querySelector('.quality')!.textContent = ja ? 'プレビュー (計測不可)' : 'Preview (not for measuring)';
  const pane = page.querySelector<HTMLElement>('.first-pane')!;
  pane.style.setProperty('--shape', picture.shape);
  pane.prepend(image);
  page.hidden = false;
  await new Promise(requestAnimationFrame);
  pane.dataset.shown = 'preview';
  // The frame that has it is on the screen when the next task runs.
  await new Promise((done) => setTimeout(done));
}

if (item) globalThis.first = show(ask(`/workitems/${item}/opening`)).catch(() => undefined);
ask('/session');

// As far as can be told from here: a wrong guess costs nothing but its bytes.
const ja = (kept('lang') ?? navigator.language).startsWith('ja');
const words = document.querySelector<HTMLMetaElement>('[name=words]')?.content.split(' ')[ja ? 0 : 1];
if (words) document.head.append(Object.assign(document.createElement('link'), { rel: 'modulepreload', href: words }));
document.documentElement.dataset.theme = kept('theme') ?? 'system';

export {};
