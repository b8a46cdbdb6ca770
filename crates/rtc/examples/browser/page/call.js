// A call to the program that serves this page.

const post = (path, body) => fetch(path, { method: 'POST', body: JSON.stringify(body) });

/** The program says no: its words are for the user. */
export class Refused extends Error {}

export class Call {
  #connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  #senders;
  #id;

  /** `onStream` gets what comes back, `onState` how the connection stands. */
  constructor(stream, { onStream, onState }) {
    const connection = this.#connection;
    connection.addEventListener('track', ({ streams: [returned] }) => onStream(returned));
    connection.addEventListener('connectionstatechange', () => onState(connection.connectionState));
    const directed = { direction: 'sendrecv', streams: [stream] };
    this.#senders = ['audio', 'video'].map((kind) => {
      const track = stream.getTracks().find((track) => track.kind === kind);
      return connection.addTransceiver(track ?? kind, directed).sender;
    });
  }

  async open(link, repair) {
    const connection = this.#connection;
    await offer(connection);
    const answer = await post('calls', { offer: connection.localDescription.sdp, link, repair });
    if (!answer.ok) throw new Refused(await answer.text());
    const { id, answer: sdp } = await answer.json();
    this.#id = id;
    // Somebody may have hung up meanwhile.
    if (connection.signalingState === 'closed') return this.end();
    await connection.setRemoteDescription({ type: 'answer', sdp });
  }

  /** Has the program taken it? */
  get isOpen() { return this.#id !== undefined; }

  /** Another picture, in the same call. */
  send(stream) {
    return Promise.all(this.#senders.map((sender) => {
      const kind = sender === this.#senders[0] ? 'audio' : 'video';
      return sender.replaceTrack(stream.getTracks().find((track) => track.kind === kind) ?? null);
    }));
  }

  setLink(link) { return this.#order('link', link); }

  setRepair(on) { return this.#order('repair', on); }

  async #order(what, body) {
    if (this.#id) await post(`calls/${this.#id}/${what}`, body);
  }

  /** How both ends see the call; `undefined` once it has been ended here, `Refused` once it has ended there. */
  async look() {
    if (!this.#id) return undefined;
    const [answer, stats] = await Promise.all([fetch(`calls/${this.#id}`), this.#connection.getStats()]);
    if (!answer.ok) throw new Refused(await answer.text());
    return { ours: await answer.json(), browser: view([...stats.values()]) };
  }

  /** Also on the way out of the page, when nothing can be waited for. */
  end() {
    this.#connection.close();
    if (this.#id) navigator.sendBeacon(`calls/${this.#id}/end`);
    this.#id = undefined;
  }
}

/** Browsers repair audio as well, but offer it only to who asks for it in the description. One that does not like that sends it as it is. */
const offer = async (connection) => {
  const { type, sdp } = await connection.createOffer();
  const asking = sdp.replace(/a=rtpmap:(\d+) opus\/.*\r\n/, '$&a=rtcp-fb:$1 nack\r\n');
  await connection.setLocalDescription({ type, sdp: asking }).catch(() => connection.setLocalDescription({ type, sdp }));
};

/** The rows of getStats that count here, by what they are about. */
const view = (rows) => {
  const of = (type, kind) => rows.find((row) => row.type === type && row.kind === kind) ?? {};
  const stream = (kind) => ({
    sent: of('outbound-rtp', kind), reported: of('remote-inbound-rtp', kind), received: of('inbound-rtp', kind),
  });
  const transport = rows.find(({ type }) => type === 'transport') ?? {};
  const pair = rows.find(({ id }) => id === transport.selectedCandidatePairId)
    ?? rows.find(({ type, nominated }) => type === 'candidate-pair' && nominated) ?? {};
  return { video: stream('video'), audio: stream('audio'), pair };
};
