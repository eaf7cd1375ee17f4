// The cards: each device with the newest value of each of its metrics.

import { locale, text } from './texts.js';
import { age, metricName, number, shortAge, unitSign } from './format.js';

const shownAtFirst = 6;
const first = ['temperature', 'humidity', 'power', 'energy', 'co2', 'illuminance', 'pressure', 'battery'];

/** What tells one series from all others; also what `matches` of the live events is decided by. */
export function seriesKey(of) {
  return JSON.stringify([of.household, of.device, of.metric, Object.entries(of.labels ?? {}).sort()]);
}

export function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

/** Lower for what is asked for more often; of two alike, for the shorter name (`power` before `apparent_power`). */
function rank(metric) {
  const words = metric.split('_');
  const found = first.findIndex((word) => words.includes(word));
  return (found < 0 ? first.length : found) * 100 + words.length;
}

/** The device's series with their newest values, the most asked for first. */
export function seriesOf(device) {
  const all = new Map();
  for (const report of [...device.metrics, device.battery, device.signal]) {
    if (!report) continue;
    const series = { ...report, labels: report.labels ?? {}, household: device.household, device: device.device };
    series.time = Date.parse(report.time);
    series.value = Number(report.value);
    series.deviceName = device.name || device.device;
    series.report = report;
    if (!all.has(seriesKey(series))) all.set(seriesKey(series), series);
  }
  return [...all.values()].sort((a, b) => rank(a.metric) - rank(b.metric) || (a.metric < b.metric ? -1 : 1));
}

export class DeviceCards {
  /** `choose` is called with the series whose row is pressed. */
  constructor(container, choose) {
    this.container = container;
    this.choose = choose;
    this.rows = new Map();
    this.reports = new Map();
    this.unfolded = new Set();
    this.chosen = null;
  }

  /** Builds all cards anew from the answer of `/api/v1/devices`. */
  show(devices) {
    const name = (device) => device.name || device.device;
    this.devices = [...devices].sort((a, b) => name(a).localeCompare(name(b), locale(), { numeric: true }));
    const focused = this.container.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    this.rows.clear();
    this.reports = new Map(devices.flatMap(seriesOf).map((series) => [seriesKey(series), series.report]));
    this.container.replaceChildren(...this.devices.map((device) => this.card(device)));
    this.mark(this.chosen);
    this.refreshAges();
    if (focused) this.rows.get(focused)?.button.focus();
  }

  card(device) {
    const all = seriesOf(device);
    const id = JSON.stringify([device.household, device.device]);
    const folds = all.length > shownAtFirst + 1;
    const visible = folds && !this.unfolded.has(id) ? all.slice(0, shownAtFirst) : all;
    const seen = element('span');
    const about = element('p', { className: 'about' });
    const known = [device.room, device.name ? device.device : null, device.model, device.convention];
    about.append(known.filter(Boolean).map((part) => `${part} · `).join(''), seen);
    if (device.available === false) about.append(' · ', element('span', { className: 'away', textContent: text('away') }));
    const head = element('div', { className: 'card-head' }, element('h3', { textContent: device.name || device.device }), about);
    const card = element('article', { className: 'panel card' }, head, ...visible.map((series) => this.row(series)));
    card.setAttribute('aria-label', device.name || device.device);
    if (folds) {
      const open = this.unfolded.has(id);
      const toggle = element('button', { type: 'button', className: 'more' });
      toggle.textContent = open ? text('fewer') : text('more', all.length - shownAtFirst);
      toggle.setAttribute('aria-expanded', String(open));
      toggle.dataset.key = id;
      toggle.addEventListener('click', () => {
        if (open) this.unfolded.delete(id); else this.unfolded.add(id);
        this.show(this.devices);
      });
      this.rows.set(id, { button: toggle });
      card.append(toggle);
    }
    this.rows.set(`seen ${id}`, { seen, time: Date.parse(device.lastSeen ?? '') });
    return card;
  }

  row(series) {
    const name = metricName(series.metric, series.labels);
    const value = element('span', { className: 'value' });
    const unit = element('span', { className: 'unit', textContent: unitSign(series.unit) });
    const reading = element('span', { className: 'reading' }, value, '\u202f', unit);
    const ageText = element('span', { className: 'age' });
    const label = element('span', { textContent: name, title: series.metric });
    const button = element('button', { type: 'button', className: 'metric' }, label, reading, ageText);
    button.title = text('showHistory', name, series.deviceName);
    button.dataset.key = seriesKey(series);
    button.addEventListener('click', () => this.choose(this.rows.get(button.dataset.key).series));
    this.rows.set(button.dataset.key, { button, value, ageText, series });
    value.textContent = number(series.value);
    return button;
  }

  /** Takes a live reading. False if it is of a device or metric that is not shown yet. */
  update(reading) {
    const key = seriesKey(reading);
    const report = this.reports.get(key);
    if (!report) return false;
    if (reading.time < Date.parse(report.time)) return true;
    // Kept for when the cards are built anew, and for a metric under a fold, which has no row.
    report.value = reading.value;
    report.time = new Date(reading.time).toISOString();
    const device = this.rows.get(`seen ${JSON.stringify([reading.household, reading.device])}`);
    if (device && !(reading.time < device.time)) device.time = reading.time;
    const row = this.rows.get(key);
    if (!row) return true;
    row.series.time = reading.time;
    row.series.value = reading.value;
    row.value.textContent = number(reading.value);
    row.ageText.textContent = shortAge(reading.time);
    row.button.classList.add('fresh');
    clearTimeout(row.fading);
    row.fading = setTimeout(() => row.button.classList.remove('fresh'), 1200);
    return true;
  }

  mark(key) {
    this.chosen = key;
    for (const [each, row] of this.rows) if (row.series) row.button.setAttribute('aria-pressed', String(each === key));
  }

  /** The series of that key, or the one most asked for; undefined while there is none. */
  series(key) {
    const all = (this.devices ?? []).flatMap(seriesOf);
    return all.find((series) => seriesKey(series) === key) ?? all.sort((a, b) => rank(a.metric) - rank(b.metric))[0];
  }

  refreshAges() {
    for (const row of this.rows.values()) {
      if (row.ageText) row.ageText.textContent = Number.isFinite(row.series.time) ? shortAge(row.series.time) : '';
      if (row.seen) row.seen.textContent = Number.isFinite(row.time) ? text('seen', age(row.time)) : '';
    }
  }
}
