// What the page asks of the server.

async function answer(response) {
  const envelope = await response.json().catch(() => null);
  if (!response.ok || envelope?.status !== 'success') throw new Error(envelope?.error ?? `HTTP ${response.status}`);
  return envelope.data;
}

export async function get(path) {
  return answer(await fetch(`/api/v1/${path}`));
}

/** The PromQL selector of one series. */
export function selector(series) {
  const labels = { __name__: series.metric, household: series.household, device: series.device, ...series.labels };
  const conditions = Object.entries(labels).filter(([, value]) => value !== '');
  return `{${conditions.map(([name, value]) => `${labelName(name)}=${JSON.stringify(value)}`).join(',')}}`;
}

/** Quoted only where it must be: names beyond ASCII. */
function labelName(name) {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : JSON.stringify(name);
}

/** Up to this range the readings themselves are fetched; beyond it, what those of each step come to. */
const longestExact = 6 * 3600;

/** Seconds from one value to the next over `range`, whole minutes; null where every reading is shown. */
export function stepOf(range) {
  return range > longestExact ? Math.ceil(range / 1440 / 60) * 60 : null;
}

/**
 * The readings of `series` in the last `range` seconds, as [milliseconds, value], in order. Over a long range the last one of
 * each step, with { count, least, greatest, mean } of them all behind it.
 */
export async function history(series, range) {
  const end = Math.ceil(Date.now() / 1000);
  const start = end - range;
  const step = stepOf(range);
  const points = step ? await folded(series, start, end, step) : await exact(series, start, end);
  return points.sort((a, b) => a[0] - b[0]);
}

async function exact(series, start, end) {
  const response = await fetch(`/api/v1/export?${new URLSearchParams({ 'match[]': selector(series), start, end })}`);
  if (!response.ok) return answer(response);
  const points = [];
  for (const line of (await response.text()).split('\n')) {
    if (!line) continue;
    const { values, timestamps } = JSON.parse(line);
    values.forEach((value, index) => { if (typeof value === 'number') points.push([timestamps[index], value]); });
  }
  return points;
}

async function folded(series, start, end, step) {
  const body = new URLSearchParams({ 'match[]': selector(series), start, end, step });
  const found = await answer(await fetch('/api/v1/history', { method: 'POST', body }));
  return found.flatMap(({ start: starts, count, min, max, mean, last }) => starts.flatMap((from, index) => {
    if (last[index] === null || mean[index] === null) return [];
    const all = { count: count[index], least: min[index], greatest: max[index], mean: mean[index] };
    return [[Math.min(from + step, end) * 1000, last[index], all]];
  }));
}
