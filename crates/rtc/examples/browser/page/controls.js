// Sliders, kinds of links, and the switch.

const $ = (id) => document.getElementById(id);

/** In kbit/s, by the slider's place. */
const RATES = [150, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, null];

const ms = (value) => `${value} ms`;
const rate = (kilobits) => kilobits === null ? 'no limit' : kilobits < 1000 ? `${kilobits} kbit/s` : `${kilobits / 1000} Mbit/s`;
const WORDS = { loss: (value) => `${value} %`, delay: ms, jitter: ms, rate: (place) => rate(RATES[place]) };

const value = (id) => Number($(id).value);

/** How bad the link is to be, as the program takes it. */
export const link = () => {
  const kilobits = RATES[value('rate')];
  return { loss: value('loss') / 100, delayMs: value('delay'), jitterMs: value('jitter'), rate: kilobits && kilobits * 1000 };
};

export const repairs = () => $('repair').getAttribute('aria-checked') === 'true';

const say = (id) => {
  const words = WORDS[id](value(id));
  $(`${id}-value`).textContent = words;
  $(id).setAttribute('aria-valuetext', words);
};

const move = (places) => Object.entries(places).forEach(([id, place]) => { $(id).value = place; say(id); });

/** Makes them work. */
export const controls = ({ onLink, onRepair }) => {
  let sending;
  const changed = () => {
    // Not an order for each pixel of the way.
    clearTimeout(sending);
    sending = setTimeout(() => onLink(link()), 60);
  };
  for (const id of Object.keys(WORDS)) {
    say(id);
    $(id).addEventListener('input', () => { say(id); changed(); });
  }
  for (const kind of document.querySelectorAll('[data-link]')) {
    kind.addEventListener('click', () => { move(JSON.parse(kind.dataset.link)); changed(); });
  }
  $('repair').addEventListener('click', () => {
    const on = !repairs();
    $('repair').setAttribute('aria-checked', on);
    $('repair-state').textContent = on ? 'on' : 'off';
    onRepair(on);
  });
  $('controls').addEventListener('submit', (event) => event.preventDefault());
};

/** Puts the sliders where the program says. */
controls.set = ({ loss, delayMs, jitterMs }) => move({ loss: Math.round(loss * 100), delay: delayMs, jitter: jitterMs });
