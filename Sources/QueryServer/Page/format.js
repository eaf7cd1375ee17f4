// How numbers, units, times and names are shown, in the reader's language and time zone.

import { locale, text } from './texts.js';

const unitSigns = {
  Cel: '°C', '[degF]': '°F', K: 'K', deg: '°', '%RH': '%', '%': '%', m3: 'm³', 'm3/h': 'm³/h', 'm/s2': 'm/s²', 'W/m2': 'W/m²',
  'ug/m3': 'µg/m³', 'mg/m3': 'mg/m³', 'uS/cm': 'µS/cm', lx: 'lx', ohm: 'Ω', Ohm: 'Ω', 'l/min': 'L/min', l: 'L', L: 'L', VA: 'VA', var: 'var',
};

export function unitSign(unit) {
  return unit ? unitSigns[unit] ?? unit : '';
}

/** `value` with about four significant places; a space of its own width and the unit follow. */
export function quantity(value, unit) {
  const sign = unitSign(unit);
  return sign ? `${number(value)}\u202f${sign}` : number(value);
}

export function number(value) {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  const digits = size >= 1000 ? 1 : size >= 100 ? 1 : size >= 1 ? 2 : 4;
  return value.toLocaleString(locale(), { maximumFractionDigits: digits }).replace(/^-/, '\u2212');
}

export function bytes(count) {
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let step = 0;
  while (count >= 1024 && step < names.length - 1) { count /= 1024; step += 1; }
  return `${count.toLocaleString(locale(), { maximumFractionDigits: count < 10 ? 1 : 0 })}\u202f${names[step]}`;
}

/** How long ago `time` was, in its largest whole unit. */
function elapsed(time) {
  const seconds = Math.max(0, (Date.now() - time) / 1000);
  if (seconds < 60) return [Math.floor(seconds), 'second'];
  if (seconds < 3600) return [Math.floor(seconds / 60), 'minute'];
  if (seconds < 86400) return [Math.floor(seconds / 3600), 'hour'];
  return [Math.floor(seconds / 86400), 'day'];
}

/** Such as `5s ago`. */
export function age(time) {
  const [count, unit] = elapsed(time);
  return new Intl.RelativeTimeFormat(locale(), { style: 'narrow', numeric: 'always' }).format(-count, unit);
}

/** Such as `5s`, for a narrow column. */
export function shortAge(time) {
  const [count, unit] = elapsed(time);
  return count.toLocaleString(locale(), { style: 'unit', unit, unitDisplay: 'narrow' });
}

export function dateAndTime(time) {
  return new Date(time).toLocaleString(locale(), { dateStyle: 'short', timeStyle: 'medium' });
}

/** The time of day alone if it is today. */
export function moment(time) {
  const date = new Date(time);
  const clock = { hour: 'numeric', minute: '2-digit' };
  return date.toDateString() === new Date().toDateString()
    ? date.toLocaleTimeString(locale(), clock)
    : date.toLocaleString(locale(), { day: 'numeric', month: 'short', ...clock });
}

/** `am2301_dew_point` as words; what has a word in the reader's language is said in it. */
export function metricName(metric, labels = {}) {
  const known = text('metrics');
  const parts = metric.split('_').filter(Boolean);
  const words = [];
  while (parts.length) {
    let length = Math.min(3, parts.length);
    while (length > 1 && !(parts.slice(0, length).join('_') in known)) length -= 1;
    const part = parts.splice(0, length).join('_');
    words.push({ word: known[part] ?? part, isKind: part in known });
  }
  if (text('kindFirst')) words.sort((a, b) => b.isKind - a.isKind);
  const name = words.map(({ word }) => word).join(' ') || metric;
  const extra = Object.values(labels);
  const shown = name.charAt(0).toLocaleUpperCase(locale()) + name.slice(1);
  return extra.length ? `${shown} (${extra.join(', ')})` : shown;
}
