let charts;

function makeCharts() {
  const requests = new Chart({
    title: t("requests"), scale: linearScale, format: (value, exact) => exact ? rate(value) : count(value),
    lines: [{ label: "", look: "line-1" }, { label: t("errors"), look: "line-bad" }],
  });
  const latency = new Chart({
    title: t("latency"), scale: decadeScale,
    format: (value, exact) => exact ? milliseconds(1000 * value) : value < 1 ? `${count(1000 * value)} ms` : `${count(value)} s`,
    lines: [{ label: "p50", look: "line-1" }, { label: "p95", look: "line-2" }, { label: "p99", look: "line-3" }],
  });
  charts = { requests, latency };
  $("charts").replaceChildren(requests.figure, latency.figure);
}

/** Adds a state to the histories: one for each place, and "" for all of them together. */
function record(t) {
  const sample = ({ visits, errors, latency }) => ({ t, visits, errors, bounds: latency?.bounds, counts: latency?.counts });
  const all = places(), names = new Set(["", ...all.map(place => place.name)]);
  for (const name of page.histories.keys()) if (!names.has(name)) page.histories.delete(name), page.histories.delete("");
  for (const place of all) historyOf(place.name).add(sample(place));
  historyOf("").add(sum(all.map(sample), t));
}

function historyOf(name) {
  if (!page.histories.has(name)) page.histories.set(name, new History());
  return page.histories.get(name);
}

/** All samples as one; latencies only where the buckets are the same. */
function sum(samples, t) {
  const total = key => samples.reduce((number, sample) => number + sample[key], 0);
  const [first] = samples, alike = first?.counts && samples.every(sample => `${sample.bounds}` === `${first.bounds}`);
  const bucket = index => samples.reduce((number, sample) => number + sample.counts[index], 0);
  const counts = alike ? first.counts.map((_, index) => bucket(index)) : undefined;
  return { t, visits: total("visits"), errors: total("errors"), bounds: first?.bounds, counts };
}

function showCharts(now = performance.now() / 1000) {
  const history = historyOf(page.scope), recent = history.differences(WINDOW).at(-1), minute = history.differences(60).at(-1);
  const rates = ["visits", "errors"].map(key => recent?.from ? (recent.to[key] - recent.from[key]) / recent.seconds : null);
  charts.requests.show(history.rates(), now, rates);
  charts.latency.show(history.percentiles(), now, minute?.from ? quantiles(minute.from, minute.to) : [null, null, null]);
}
