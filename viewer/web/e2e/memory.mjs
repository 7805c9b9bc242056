// Memory of a browser's tabs, where there is a /proc.
import { readdir, readFile } from 'node:fs/promises';

/** MiB of the largest renderer among the processes of the browser that runs over a folder: its share of what it shares. Null where nobody tells. */
export async function tabMiB(folder) {
  const all = new Map();
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue;
    const [args, stat] = await Promise.all(['cmdline', 'stat'].map((f) => readFile(`/proc/${pid}/${f}`, 'utf8').catch(() => '')));
    all.set(pid, { args, parent: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] });
  }
  const ours = (pid) => {
    for (let p = all.get(pid); p; p = all.get(p.parent)) if (p.args.includes(folder)) return true;
    return false;
  };
  let most = 0;
  for (const [pid, { args }] of all) {
    if (!args.includes('--type=renderer') || !ours(pid)) continue;
    const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    most = Math.max(most, Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0));
  }
  return most ? Math.round(most / 1024) : null;
}
