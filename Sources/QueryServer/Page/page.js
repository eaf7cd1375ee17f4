// The page: fetches, listens, and hands what comes to the parts that show it.

import { language, speak, text } from './texts.js';
import { bytes, metricName, moment, number, unitSign } from './format.js';
import { DeviceCards, element, seriesKey } from './devices.js';
import { Chart } from './chart.js';
import { get, history, stepOf } from './api.js';

const ranges = [3600, 21600, 86400, 604800];
const byId = (id) => document.getElementById(id);

const cards = new DeviceCards(byId('cards'), choose);
const chart = new Chart({
  chart: byId('chart'), frame: byId('history'), message: byId('chart-message'), readout: byId('readout'),
  title: byId('history-title'), details: byId('table-details'), rows: byId('table-rows'),
});
const state = { range: ranges[0], chosen: null, devices: null, status: null, alerts: null, live: null, request: 0 };

// Words

function showWords() {
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll('[data-text]')) node.textContent = text(node.dataset.text);
  for (const node of document.querySelectorAll('[data-label]')) node.setAttribute('aria-label', text(node.dataset.label));
  for (const button of document.querySelectorAll('[data-language]')) {
    button.setAttribute('aria-pressed', String(button.dataset.language === language));
  }
  byId('ranges').replaceChildren(...ranges.map((range) => {
    const button = element('button', { type: 'button', textContent: text('ranges')[range], title: text('rangeNames')[range] });
    button.setAttribute('aria-pressed', String(range === state.range));
    button.addEventListener('click', () => {
      state.range = range;
      for (const each of byId('ranges').children) each.setAttribute('aria-pressed', String(each === button));
      showHistory();
    });
    return button;
  }));
}

for (const button of document.querySelectorAll('[data-language]')) {
  button.addEventListener('click', () => {
    speak(button.dataset.language);
    showWords();
    showStatus();
    showAlerts();
    if (state.devices) showDevices();
    if (state.chosen) { showTitle(); showHistory(); }
  });
}

// Devices

async function loadDevices() {
  try {
    state.devices = await get('devices');
    showDevices();
    if (!state.chosen) {
      const asked = decodeURIComponent(location.hash.slice(1));
      const series = cards.series(asked);
      if (series) choose(series);
    }
  } catch (error) {
    if (!state.devices) explain(text('cannotLoad', error.message), loadDevices);
  }
}

function explain(words, retry) {
  const box = byId('devices-message');
  const button = element('button', { type: 'button', textContent: text('tryAgain') });
  button.addEventListener('click', retry);
  box.replaceChildren(element('p', { textContent: words }), button);
  box.hidden = false;
}

function showDevices() {
  const box = byId('devices-message');
  box.hidden = state.devices.length > 0;
  if (!box.hidden) {
    const broker = state.status?.broker.address ?? 'MQTT';
    const [host, port] = broker.split(':');
    const command = `mosquitto_pub -h ${host} -p ${port ?? 1883} -t home/test/temperature -m 21.5`;
    box.replaceChildren(
      element('b', { textContent: text('noReadings') }),
      element('p', { textContent: text('noReadingsWhy', broker) }), element('code', { textContent: command }));
  }
  cards.show(state.devices);
}

// History

function choose(series) {
  state.chosen = series;
  cards.mark(seriesKey(series));
  window.history.replaceState(null, '', `#${encodeURIComponent(seriesKey(series))}`);
  byId('history').hidden = false;
  showTitle();
  showHistory();
}

function showTitle() {
  if (!state.chosen) return;
  const { deviceName, metric, labels, unit } = state.chosen;
  const sign = unitSign(unit);
  byId('history-title').textContent = `${deviceName} · ${metricName(metric, labels)}${sign ? ` [${sign}]` : ''}`;
  showNote();
}

function showNote() {
  const note = byId('chart-note');
  const step = stepOf(state.range);
  note.textContent = chart.note() ?? (step ? text('sampled', step / 60) : '');
  note.hidden = !note.textContent;
}

async function showHistory() {
  // Only the answer to the last question is shown, whichever comes first.
  const request = (state.request += 1);
  const { chosen, range } = state;
  chart.message(text('loading'));
  try {
    const points = await history(chosen, range);
    if (request !== state.request) return;
    await chart.show(chosen, points, range);
    showNote();
  } catch (error) {
    if (request === state.request) chart.message(text('cannotLoad', error.message), showHistory);
  }
}

// Status and alerts

async function loadStatus() {
  try {
    [state.status, { alerts: state.alerts }] = await Promise.all([get('status'), get('alerts')]);
    showStatus();
    showAlerts();
    if (state.devices?.length === 0) showDevices();
  } catch {
    // The notice about the lost connection says it already.
  }
}

function showStatus() {
  if (!state.status) return;
  const { broker, store, alerts } = state.status;
  const items = [
    [broker.state === 'connected' ? 'good' : 'bad', text('broker')[broker.state] ?? broker.state, broker.lastError ?? broker.address],
    store.writeError
      ? ['bad', text('storeFailing'), store.writeError]
      : ['good', text('store', bytes(store.diskUsedBytes), bytes(store.diskBudgetBytes), number(store.seriesCount)), store.directory],
    alerts.firing ? ['bad', text('firing', alerts.firing), ''] : ['good', text('noAlerts'), ''],
  ];
  byId('status').replaceChildren(...items.map(([tone, textContent, title]) => {
    const item = element('li', { textContent, title });
    item.dataset.tone = tone;
    return item;
  }));
}

function showAlerts() {
  const active = [...(state.alerts ?? [])].sort((a, b) => (a.state === b.state ? 0 : a.state === 'firing' ? -1 : 1));
  byId('alerts').hidden = active.length === 0;
  byId('alert-list').replaceChildren(...active.map((alert) => {
    const { alertname, device } = alert.labels;
    const { annotations } = alert;
    const own = language === 'vi' ? annotations.summary_vi ?? annotations.description_vi : undefined;
    const words = own ?? annotations.summary ?? annotations.description ?? device ?? '';
    const item = element('li', {},
      element('span', { className: 'tag', textContent: text('state')[alert.state] ?? alert.state }),
      element('span', { className: 'name', textContent: alertname }),
      element('span', { textContent: words }),
      element('span', { className: 'since', textContent: text('since', moment(alert.activeAt)) }));
    item.dataset.state = alert.state;
    return item;
  }));
}

// Live readings

let reload;

/** Loads the devices again soon; many new ones together cause one request. */
function reloadSoon() {
  reload ??= setTimeout(() => { reload = undefined; loadDevices(); }, 1000);
}

function listen() {
  const source = new EventSource('/api/v1/live');
  source.addEventListener('open', () => {
    byId('connection').hidden = true;
    if (state.live) { loadDevices(); loadStatus(); if (state.chosen) showHistory(); }
    state.live = true;
  });
  source.addEventListener('error', () => {
    byId('connection').textContent = text('disconnected');
    byId('connection').hidden = false;
    // A browser gives up after some answers (such as 503); then it is started anew.
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
  });
  source.addEventListener('reading', (event) => {
    const reading = JSON.parse(event.data);
    reading.time = Date.parse(reading.time);
    reading.value = Number(reading.value);
    if (!cards.update(reading)) reloadSoon();
    if (state.chosen && seriesKey(reading) === seriesKey(state.chosen)) chart.add(reading.time, reading.value);
  });
}

showWords();
await Promise.all([loadStatus(), loadDevices()]);
listen();
setInterval(() => { cards.refreshAges(); chart.tick(); }, 2000);
setInterval(loadStatus, 10000);
setInterval(loadDevices, 60000);
