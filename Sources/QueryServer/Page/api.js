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

/** Up to this range the readings themselves are fetched; beyond it, one value in each step. */
const longestExact = 6 * 3600;
/** Seconds. As long as a value counts as current, so that no reading falls between two steps. */
const longestStep = 300;

/** Seconds from one value to the next over `range`; null where every reading is shown. */
export function sampleStep(range) {
  return range > longestExact ? Math.min(longestStep, Math.ceil(range / 1440)) : null;
}

/** The readings of `series` in the last `range` seconds, as [milliseconds, value], in order. */
export async function history(series, range) {
  const end = Math.ceil(Date.now() / 1000);
  const start = end - range;
  const step = sampleStep(range);
  const points = step ? await sampled(series, start, end, step) : await exact(series, start, end);
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

async function sampled(series, start, end, step) {
  const body = new URLSearchParams({ query: selector(series), start, end, step });
  const { result } = await answer(await fetch('/api/v1/query_range', { method: 'POST', body }));
  return result.flatMap(({ values }) => values.map(([time, value]) => [time * 1000, Number(value)]));
}
