// Asked for before the page's scripts are here: who is signed in and, when the address names
// one, the item to be opened. The page takes the answers when it gets to them (ask in
// api/client.ts). The words of the browser's first language are brought as well; of
// another that was chosen the page brings its own.
declare global {
  var early: Record<string, Promise<Response>> | undefined;
}

const api = '/api/v1';
const item = /^#\/read\/([\w-]+)$/.exec(location.hash)?.[1];
globalThis.early = {};
for (const path of ['/session', ...(item ? [`/workitems/${item}/opening`] : [])]) {
  const asked = fetch(api + path, { cache: 'no-store' });
  asked.catch(() => undefined); // whoever takes it is told
  globalThis.early[api + path] = asked;
}

// As far as can be told from here: a wrong guess costs nothing but its bytes.
const [ja, en] = document.querySelector<HTMLMetaElement>('[name=words]')?.content.split(' ') ?? [];
const words = navigator.language.startsWith('ja') ? ja : en;
if (words) document.head.append(Object.assign(document.createElement('link'), { rel: 'modulepreload', href: words }));

export {};
