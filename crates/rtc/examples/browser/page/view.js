// What is seen of a call: the three figures, the plots, the books.

import { books } from './books.js';
import { Plot } from './plot.js';

const $ = (id) => document.getElementById(id);
const whole = new Intl.NumberFormat('en');
const share = (part, all) => `${(all ? 100 * part / all : 0).toFixed(1)} %`;
/** A little more than a plot shows. */
const KEPT = 140;
/** Between two looks, in seconds. */
const SHORTEST = 0.2;

/** Of sums that go on: what they gained a second, by the clock of who counts: one end may have answered late. The rest is as it stands. */
const digest = (ours, { video, pair }, before) => {
  const sums = {
    lost: ours.tally.lost, back: ours.tally.back, up: ours.up.offeredBytes * 8e-6, down: ours.down.offeredBytes * 8e-6,
    encoded: video.sent.framesEncoded ?? 0, decoded: video.received.framesDecoded ?? 0,
  };
  const times = { encoded: video.sent.timestamp / 1000, decoded: video.received.timestamp / 1000 };
  const gain = ([name, sum]) => {
    const passed = name in times ? times[name] - before?.times[name] : ours.seconds - before?.time;
    return [name, passed >= SHORTEST ? (sum - before.sums[name]) / passed : NaN];
  };
  const gains = Object.fromEntries(Object.entries(sums).map(gain));
  return {
    ...gains,
    sums, times, time: ours.seconds, tally: ours.tally, repair: ours.repair,
    limit: ours.link.rate ? ours.link.rate / 1e6 : NaN,
    estimate: pair.availableOutgoingBitrate / 1e6,
    ourRtt: (ours.connection?.currentRoundTripTime ?? NaN) * 1000, theirRtt: pair.currentRoundTripTime * 1000,
    sent: video.sent, received: video.received,
    frozen: sums.decoded > 0 && gains.decoded === 0,
  };
};

const number = (digits) => (value) => value.toFixed(digits);

const plots = () => [
  new Plot('loss', [
    { name: 'lost', style: 'area c-lost', of: ({ lost }) => lost, show: number(0) },
    { name: 'brought back', style: 'c-back', of: ({ back }) => back, show: number(0) },
  ], 4),
  new Plot('rate', [
    { name: 'sent', style: 'c-ours', of: ({ up }) => up, show: number(2) },
    { name: 'returned', style: 'c-back', of: ({ down }) => down, show: number(2) },
    { name: 'estimate', style: 'c-theirs dashed', of: ({ estimate }) => estimate, show: number(2) },
    { name: 'link', style: 'c-ink limit dashed', of: ({ limit }) => limit, show: number(2) },
  ], 0.4),
  new Plot('rtt', [
    { name: 'ours', style: 'c-ours', of: ({ ourRtt }) => ourRtt, show: number(0) },
    { name: 'the browser’s', style: 'c-theirs dashed', of: ({ theirRtt }) => theirRtt, show: number(0) },
  ], 40),
  new Plot('fps', [
    { name: 'encoded', style: 'c-ours', of: ({ encoded }) => encoded, show: number(0) },
    { name: 'decoded again', style: 'c-back', of: ({ decoded }) => decoded, show: number(0) },
  ], 30),
];

export class View {
  #plots = plots(); #samples = []; #baseline;
  /** What was seen last. */
  seen;

  /** Another call. */
  begin() {
    [this.#samples, this.#baseline, this.seen] = [[], undefined, undefined];
  }

  countAnew() {
    this.#baseline = this.#samples.at(-1)?.tally;
    this.#show();
  }

  see(seen) {
    // A browser that was busy looks twice in a row: of so short a time there is nothing to be said.
    if (seen.ours.seconds - this.#samples.at(-1)?.time < SHORTEST) return;
    const sample = digest(seen.ours, seen.browser, this.#samples.at(-1));
    this.#samples = [...this.#samples.slice(-KEPT), sample];
    this.seen = seen;
    this.#show();
    dispatchEvent(new Event('seen'));
  }

  #show() {
    const newest = this.#samples.at(-1);
    if (!newest) return;
    this.#figures(newest);
    $('sent-facts').textContent = facts(newest.sent, newest.encoded);
    $('returned-facts').textContent = facts(newest.received, newest.decoded);
    $('frozen').hidden = !newest.frozen;
    if (this.#samples.length > 1) this.#plots.forEach((plot) => plot.draw(this.#samples));
    books(this.seen);
  }

  #figures({ tally, repair }) {
    const [sent, lost, back] = ['sent', 'lost', 'back'].map((name) => tally[name] - (this.#baseline?.[name] ?? 0));
    const missing = Math.max(lost - back, 0);
    for (const [name, value] of Object.entries({ lost, back, missing })) {
      $(name).textContent = whole.format(value);
      $(name).parentElement.classList.toggle('none', value === 0);
    }
    $('lost-share').textContent = `${share(lost, sent)} of ${whole.format(sent)} packets`;
    $('back-share').textContent = lost ? `${share(back, lost)} of what was lost` : 'nothing to bring back';
    $('missing-why').textContent = missing ? (repair ? 'asked for, or too late' : 'nobody asks for them') : 'nothing is missing';
  }
}

const facts = ({ frameWidth, frameHeight }, frames) => frameWidth && Number.isFinite(frames)
  ? `${frameWidth}×${frameHeight}, ${frames.toFixed(0)} a second` : '–';
