// A thin line: a TCP proxy with so many bits a second and a delay, both ways. The
// browser's own throttling does not reach what workers fetch.
import { createServer, connect } from 'node:net';

/** Listens on a free port of this machine; down counts the bytes that came through it. */
export async function thinLine({ to, mbit, rtt }) {
  const line = { down: 0, port: 0, close: () => {} };
  // One clock for all connections each way: they share the line.
  const clocks = { up: 0, down: 0 };
  const sockets = new Set();
  const pass = (from, into, way) => {
    from.on('data', (b) => {
      if (way === 'down') line.down += b.length;
      const now = performance.now();
      clocks[way] = Math.max(clocks[way], now) + (b.length * 8) / (mbit * 1000);
      const wait = clocks[way] - now;
      // What the line has not taken yet stays with the sender.
      if (wait > 60) {
        from.pause();
        setTimeout(() => from.resume(), wait - 30);
      }
      setTimeout(() => into.writable && into.write(b), wait + rtt / 2);
    });
    from.on('end', () => setTimeout(() => into.end(), Math.max(0, clocks[way] - performance.now()) + rtt / 2 + 1));
    from.on('error', () => into.destroy());
    from.on('close', () => sockets.delete(from));
    sockets.add(from);
  };
  const server = createServer((client) => {
    const upstream = connect(Number(to.port), to.hostname);
    client.setNoDelay(true);
    upstream.setNoDelay(true);
    pass(client, upstream, 'up');
    pass(upstream, client, 'down');
  });
  await new Promise((r) => server.listen(0, '127.0.0.1', r));
  line.port = server.address().port;
  line.close = () => {
    for (const s of sockets) s.destroy();
    server.close();
  };
  return line;
}
