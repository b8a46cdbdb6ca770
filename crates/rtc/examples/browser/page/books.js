// What we have counted beside what the browser has.

const whole = new Intl.NumberFormat('en');

/** `[name, ours, browser's]`, of a stream: `sent`, `reported`, `received` are the browser's rows. */
const UP = [
  ['packets', ({ inbound }) => inbound.packetsReceived, ({ sent }) => sent.packetsSent],
  ['lost', ({ inbound }) => inbound.packetsLost, ({ reported }) => reported.packetsLost],
  ['asked for again (NACK)', ({ inbound }) => inbound.nackCount, ({ sent }) => sent.nackCount],
  ['sent again', () => undefined, ({ sent }) => sent.retransmittedPacketsSent],
  ['brought back (RTX)', ({ inbound }) => inbound.packetsRecoveredByRtx, () => undefined],
  ['key frames asked for (PLI)', ({ inbound }) => inbound.pliCount, ({ sent }) => sent.pliCount],
];
const DOWN = [
  ['packets', ({ outbound }) => outbound.packetsSent, ({ received }) => received.packetsReceived],
  ['lost', ({ remote }) => remote.packetsLost, ({ received }) => received.packetsLost],
  ['asked for again (NACK)', ({ outbound }) => outbound.nackCount, ({ received }) => received.nackCount],
  ['sent again', ({ outbound }) => outbound.retransmittedPacketsSent, () => undefined],
  ['key frames asked for (PLI)', ({ outbound }) => outbound.pliCount, ({ received }) => received.pliCount],
  ['pictures decoded', () => undefined, ({ received }) => received.framesDecoded],
  ['freezes', () => undefined, ({ received }) => received.freezeCount],
];

const cells = new Map();

const rows = (id, entries) => {
  for (const [name] of entries) {
    const row = document.createElement('tr'), head = document.createElement('th');
    head.scope = 'row';
    head.textContent = name;
    const made = [0, 1, 2, 3].map(() => document.createElement('td'));
    made.forEach((cell) => { cell.textContent = '–'; });
    row.append(head, ...made);
    document.getElementById(id).append(row);
    cells.set(`${id} ${name}`, made);
  }
};

rows('books-up', UP);
rows('books-down', DOWN);

/** Our rows of a kind. */
const ourRows = ({ connection }, wanted) => {
  const of = (rows) => rows?.find(({ kind }) => kind === wanted) ?? {};
  return { inbound: of(connection?.inboundRtp), outbound: of(connection?.outboundRtp), remote: of(connection?.remoteInboundRtp) };
};

/** Shows what both ends say. */
export const books = ({ ours, browser }) => {
  for (const [id, entries] of [['books-up', UP], ['books-down', DOWN]]) {
    for (const [name, our, their] of entries) {
      const figures = ['video', 'audio'].flatMap((kind) => [our(ourRows(ours, kind)), their(browser[kind])]);
      cells.get(`${id} ${name}`).forEach((cell, at) => { cell.textContent = Number.isFinite(figures[at]) ? whole.format(figures[at]) : '–'; });
    }
  }
};
