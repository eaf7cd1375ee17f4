// One series over time, drawn by dygraphs; or, without it, as a table alone.

import { locale, text } from './texts.js';
import { age, dateAndTime, number, quantity } from './format.js';

/** Milliseconds. A pause is a gap from here on, and longer for a series that is slower by nature. */
const shortestGap = 5 * 60 * 1000;
const tableRows = 200;

let dygraphs;

/** Loads dygraphs once; false if it is not there. */
function loadDygraphs() {
  dygraphs ??= new Promise((resolve) => {
    const style = document.createElement('link');
    style.rel = 'stylesheet';
    style.href = '/assets/dygraph.min.css';
    const script = document.createElement('script');
    script.src = '/assets/dygraph.min.js';
    script.onload = () => {
      // The legend writes markup with inline styles, which the page's policy forbids; the readout stands for it.
      window.Dygraph.PLUGINS = window.Dygraph.PLUGINS.filter((plugin) => plugin !== window.Dygraph.Plugins.Legend);
      resolve(true);
    };
    script.onerror = () => resolve(false);
    document.head.append(style, script);
  });
  return dygraphs;
}

/** The points with a hole in each pause, so that no line is drawn over a time that nobody measured. */
function withGaps(points) {
  const pauses = points.slice(1).map((point, index) => point[0] - points[index][0]).sort((a, b) => a - b);
  const usual = pauses[Math.floor(pauses.length / 2)] ?? 0;
  const limit = Math.max(shortestGap, 4 * usual);
  const rows = [];
  points.forEach(([time, value], index) => {
    if (index && time - points[index - 1][0] > limit) rows.push([new Date(points[index - 1][0] + 1), null]);
    rows.push([new Date(time), value]);
  });
  return rows;
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export class Chart {
  constructor(parts) {
    this.parts = parts;
    this.points = [];
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw());
    parts.details.addEventListener('toggle', () => this.fillTable());
  }

  /** `retry` is offered with an error. */
  message(words, retry) {
    const { message } = this.parts;
    message.hidden = !words;
    message.replaceChildren(words ?? '');
    if (!retry) return;
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = text('tryAgain');
    button.addEventListener('click', retry);
    message.append(button);
  }

  /** Shows `points` of `series` over the last `range` seconds. */
  async show(series, points, range) {
    Object.assign(this, { series, points, range });
    this.message(points.length ? null : text('noHistory', text('rangeNames')[range]));
    this.available = await loadDygraphs();
    this.parts.frame.classList.toggle('bare', !this.available);
    if (!this.available) this.parts.details.open = true;
    this.draw();
  }

  note() {
    return this.available === false ? text('noChart') : null;
  }

  /** Adds a live reading; it is drawn with the next `tick`. */
  add(time, value) {
    const last = this.points.at(-1);
    if (last && time <= last[0]) return;
    if (!this.points.length) this.message(null);
    this.points.push([time, value]);
    this.changed = true;
  }

  /** Moves the window along with the clock. */
  tick() {
    if (!this.series) return;
    const start = Date.now() - this.range * 1000;
    while (this.points.length && this.points[0][0] < start) this.points.shift();
    this.graph?.updateOptions({ ...(this.changed && { file: this.rows() }), dateWindow: this.window() });
    this.readout();
    if (this.changed) this.fillTable();
    this.changed = false;
  }

  rows() {
    return this.points.length ? withGaps(this.points) : [[new Date(), null]];
  }

  window() {
    return [Date.now() - this.range * 1000, Date.now()];
  }

  draw() {
    this.graph?.destroy();
    this.graph = null;
    if (!this.series) return;
    this.readout();
    this.fillTable();
    if (!this.available) return;
    this.graph = new window.Dygraph(this.parts.chart, this.rows(), {
      labels: ['time', 'value'],
      colors: [colour('--accent')],
      strokeWidth: 1.8,
      drawGapEdgePoints: true,
      pointSize: 2,
      highlightCircleSize: 4,
      axisLineColor: colour('--line'),
      gridLineColor: colour('--grid'),
      dateWindow: this.window(),
      yRangePad: 12,
      interactionModel: {},
      axes: {
        x: { drawGrid: false, pixelsPerLabel: 62, axisLabelFormatter: (time) => this.tickLabel(time) },
        y: { axisLabelWidth: 56, axisLabelFormatter: (value) => number(value) },
      },
      highlightCallback: (event, time, [point]) => this.readout(point && [time, point.yval]),
      unhighlightCallback: () => this.readout(),
    });
    this.parts.chart.setAttribute('role', 'img');
    this.parts.chart.setAttribute('aria-label', `${this.parts.title.textContent}: ${this.parts.readout.textContent}`);
  }

  tickLabel(time) {
    const date = new Date(time);
    if (this.range > 2 * 86400 || (date.getHours() === 0 && date.getMinutes() === 0)) {
      return date.toLocaleDateString(locale(), { day: 'numeric', month: 'numeric' });
    }
    return date.toLocaleTimeString(locale(), { hour: 'numeric', minute: '2-digit' });
  }

  /** The point under the pointer, or the newest and the extremes of all. */
  readout(point) {
    const { readout } = this.parts;
    const unit = this.series.unit;
    if (point) {
      readout.replaceChildren(bold(quantity(point[1], unit)), ` · ${dateAndTime(point[0])}`);
      return;
    }
    const last = this.points.at(-1);
    if (!last) { readout.replaceChildren(); return; }
    let [low, high, sum, count] = [Infinity, -Infinity, 0, 0];
    for (const [, value, all = { count: 1, least: value, greatest: value, mean: value }] of this.points) {
      low = Math.min(low, all.least);
      high = Math.max(high, all.greatest);
      sum += all.mean * all.count;
      count += all.count;
    }
    const values = [low, high, sum / count].map((value) => quantity(value, unit));
    readout.replaceChildren(bold(text('latest', quantity(last[1], unit), age(last[0]))), ` · ${text('summary', ...values)}`);
  }

  fillTable() {
    if (!this.parts.details.open) { this.parts.rows.replaceChildren(); return; }
    const newest = this.points.slice(-tableRows).reverse();
    this.parts.rows.replaceChildren(...newest.map(([time, value]) => {
      const row = document.createElement('tr');
      for (const words of [dateAndTime(time), quantity(value, this.series?.unit)]) row.insertCell().textContent = words;
      return row;
    }));
  }
}

function bold(words) {
  const node = document.createElement('b');
  node.textContent = words;
  return node;
}
