// The page: makes the call, turns controls into orders, and looks twice a second how it goes.

import { Call, Refused } from './call.js';
import { controls, link, repairs } from './controls.js';
import { camera, drawn } from './picture.js';
import { View } from './view.js';

const $ = (id) => document.getElementById(id);
const INTERVAL = 500;

let call, stream, start = { loopbackOnly: false };
const view = new View();

// ---- what is sent

const take = async (made) => {
  stream?.getTracks().forEach((track) => track.stop());
  stream?.end?.();
  stream = made;
  $('sent').srcObject = made;
  await call?.send(made);
};

let goOn;
const picture = async (wanted) => {
  // Another choice: nobody waits for the camera any longer.
  goOn?.();
  goOn = undefined;
  if (wanted === 'camera') {
    $('asking').hidden = false;
    const without = new Promise((resolve) => { goOn = () => resolve(); });
    const own = $('draw').onclick = goOn;
    const filming = camera().catch(() => undefined);
    const filmed = await Promise.race([filming, without]);
    $('asking').hidden = true;
    if (filmed && goOn === own) return take(filmed);
    // Leave that is given after all comes too late: no camera runs that nobody sees.
    filming.then((late) => late?.getTracks().forEach((track) => track.stop()));
    if (goOn !== own) return undefined;
    document.querySelector('[name=picture][value=drawn]').checked = true;
  }
  return take(drawn());
};

// ---- the call

const status = (state, words) => {
  if ($('status').textContent === words) return;
  $('status').dataset.state = state;
  $('status').textContent = words;
};

const notice = (words) => {
  $('notice').hidden = !words;
  $('notice-text').textContent = words;
};

const STATES = {
  new: ['waiting', 'Calling'], connecting: ['waiting', 'Connecting'], connected: ['running', 'Connected, encrypted'],
  disconnected: ['trouble', 'Interrupted'], failed: ['trouble', 'Not connected'], closed: ['waiting', 'Ended'],
};
const NO_WAY = 'Your browser finds no way to this program.';
const LOOPBACK = `${NO_WAY} This machine has no network but loopback, which browsers do not use for calls unless they are told to: start Chromium with --allow-loopback-in-peer-connection, or connect to any network.`;
const NO_ANSWER = 'The program that serves this page does not answer. Is it still running?';
const ENDED = 'The program has ended the call: it had not heard of your browser for a while.';

const hangUp = (words) => {
  clearTimeout(again);
  clearTimeout(hint);
  call?.end();
  call = undefined;
  status(...STATES.failed);
  notice(words);
};

const dial = async () => {
  call?.end();
  view.begin();
  notice('');
  status(...STATES.new);
  clearTimeout(again);
  // A browser takes half a minute to give up.
  clearTimeout(hint);
  if (start.loopbackOnly) hint = setTimeout(() => notice(LOOPBACK), 4000);
  const dialled = new Call(stream, {
    onStream: (returned) => { $('returned').srcObject = returned; },
    onState: (state) => { if (dialled === call) changed(state); },
  });
  call = dialled;
  try {
    await dialled.open(link(), repairs());
    // What was moved meanwhile.
    await Promise.all([dialled.setLink(link()), dialled.setRepair(repairs())]);
  } catch (error) {
    if (dialled === call) hangUp(error instanceof Refused ? error.message : NO_ANSWER);
    else dialled.end();
  }
};

let again, hint;
const changed = (state) => {
  clearTimeout(again);
  if (state === 'connected') { clearTimeout(hint); notice(''); }
  if (state === 'failed') return hangUp(start.loopbackOnly ? LOOPBACK : NO_WAY);
  status(...STATES[state] ?? STATES.new);
  // Another network, or none for a moment: a new call finds its way anew.
  if (state === 'disconnected') again = setTimeout(dial, 4000);
};

let looking;
const look = async () => {
  const of = call;
  if (!of?.isOpen || looking === of) return;
  looking = of;
  const seen = await of.look().catch((error) => error);
  if (looking === of) looking = undefined;
  if (of !== call || !seen) return;
  if (!(seen instanceof Error)) view.see(seen);
  else hangUp(seen instanceof Refused ? ENDED : NO_ANSWER);
};

// ---- begin

$('again').addEventListener('click', dial);
$('picture').addEventListener('change', ({ target }) => picture(target.value));
$('anew').addEventListener('click', () => view.countAnew());
$('listen').addEventListener('click', () => {
  const loud = $('returned').muted;
  $('returned').muted = !loud;
  $('listen').setAttribute('aria-pressed', loud);
});
controls({ onLink: (wanted) => call?.setLink(wanted), onRepair: (on) => call?.setRepair(on) });

// A page that is gone, or waits to be come back to, has no call.
addEventListener('pagehide', () => call?.end());
addEventListener('pageshow', ({ persisted }) => { if (persisted) dial(); });
// For who drives this page: what it has seen last.
Object.defineProperty(window, 'seen', { get: () => view.seen });

start = await (await fetch('start')).json();
controls.set(start.link);
await picture(document.querySelector('[name=picture]:checked').value);
await dial();
setInterval(look, INTERVAL);
