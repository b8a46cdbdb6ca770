// Lines over the last minute, in SVG.

const WIDTH = 440, HEIGHT = 150, LEFT = 36, RIGHT = 4, TOP = 8, BOTTOM = 18, SECONDS = 60;

const element = (name, attributes = {}, text = '') => {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
};

const KEY = 'M0 4H14';

/** `series`: `{ name, style, of(sample), show(value) }`; `least`: what the axis holds in any case. */
export class Plot {
  #series; #least; #lines; #axis; #offs; #description; #values;

  constructor(name, series, least) {
    this.#series = series;
    this.#least = least;
    const svg = element('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-labelledby': `${name}-title ${name}-text` });
    this.#description = element('desc', { id: `${name}-text` }, 'No figures yet.');
    this.#offs = element('g');
    this.#axis = element('g');
    this.#lines = series.map(({ style }) => element('path', { class: style }));
    const seconds = element('g');
    seconds.append(
      element('text', { x: LEFT, y: HEIGHT - 3 }, `${SECONDS} s ago`),
      element('text', { x: WIDTH - RIGHT, y: HEIGHT - 3, class: 'end' }, 'now'),
    );
    svg.append(this.#description, this.#offs, this.#axis, ...this.#lines, seconds);
    document.getElementById(`${name}-plot`).append(svg);
    this.#values = series.map(({ name: label, style }) => {
      const entry = document.createElement('li'), value = document.createElement('b');
      const key = element('svg', { viewBox: '0 0 14 8', 'aria-hidden': 'true' });
      key.append(element('path', { class: style, d: KEY }));
      value.textContent = '–';
      entry.append(key, label, value);
      document.getElementById(`${name}-legend`).append(entry);
      return value;
    });
  }

  /** Samples with their `time` in seconds, the newest last. */
  draw(samples) {
    const newest = samples.at(-1), end = newest.time;
    const shown = samples.filter(({ time }) => time >= end - SECONDS);
    const columns = this.#series.map(({ of }) => shown.map(of));
    const top = ceiling(Math.max(this.#least, ...columns.flat().filter(Number.isFinite)));
    const x = (time) => LEFT + (WIDTH - LEFT - RIGHT) * (1 - (end - time) / SECONDS);
    const y = (value) => HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top;
    this.#axis.replaceChildren(...[0, 0.5, 1].flatMap((part) => [
      element('line', { class: 'grid', x1: LEFT, x2: WIDTH - RIGHT, y1: y(top * part), y2: y(top * part) }),
      element('text', { class: 'end', x: LEFT - 6, y: y(top * part) + 4 }, short(top * part)),
    ]));
    this.#offs.replaceChildren(...spans(shown, ({ repair }) => !repair).map(([from, to]) => element('rect', {
      class: 'off', x: x(from), width: Math.max(x(to) - x(from), 1), y: TOP, height: HEIGHT - TOP - BOTTOM,
    })));
    columns.forEach((values, index) => {
      const points = values.map((value, at) => [x(shown[at].time), value]).filter(([, value]) => Number.isFinite(value));
      const closed = this.#series[index].style.includes('area');
      this.#lines[index].setAttribute('d', path(points.map(([at, value]) => [at, y(value)]), closed && y(0)));
      const { of, show } = this.#series[index], value = of(newest);
      this.#values[index].textContent = Number.isFinite(value) ? show(value) : '–';
    });
    this.#description.textContent = this.#series.map(({ name }, index) => `${name}: ${this.#values[index].textContent}`).join(', ');
  }
}

const path = (points, floor) => {
  if (points.length < 2) return '';
  const line = points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L');
  return floor ? `M${points[0][0].toFixed(1)} ${floor}L${line}L${points.at(-1)[0].toFixed(1)} ${floor}` : `M${line}`;
};

/** Runs of samples for which `holds`, as pairs of times. */
const spans = (samples, holds) => {
  const found = [];
  let from;
  for (const sample of samples) {
    if (holds(sample)) from ??= sample.time;
    else if (from !== undefined) { found.push([from, sample.time]); from = undefined; }
  }
  if (from !== undefined) found.push([from, samples.at(-1).time]);
  return found;
};

/** The next of 1, 2, 3, 4, 6, 8, 10 and so on. */
const ceiling = (value) => {
  const decade = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 3, 4, 6, 8, 10].find((step) => step * decade >= value * 0.999) * decade;
};

const short = (value) => value.toLocaleString('en', { maximumFractionDigits: 2 });
