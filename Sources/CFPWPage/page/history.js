const SHOWN = 300, WINDOW = 10, LONGEST_GAP = 30;

/** Samples of cumulative counters of the last five minutes, each { t, visits, errors, bounds, counts }; t in seconds. */
class History {
  samples = [];

  add(sample) {
    const last = this.samples.at(-1);
    if (last && (sample.visits < last.visits || sample.counts?.length !== last.counts?.length)) this.samples = [];
    this.samples.push(sample);
    while (this.samples[0].t < sample.t - SHOWN - WINDOW) this.samples.shift();
  }

  /** [requests per second, errors per second] over five seconds; without errors there is no line. */
  rates() {
    const rates = this.differences(4.5).map(({ t, seconds, from, to }) =>
      ({ t, values: from ? [(to.visits - from.visits) / seconds, (to.errors - from.errors) / seconds] : [null, null] }));
    const quiet = rates.map(({ values }) => !values[1]);
    return rates.map(({ t, values }, index) =>
      ({ t, values: [values[0], [-1, 0, 1].every(step => quiet[index + step] ?? true) ? null : values[1]] }));
  }

  /** [p50, p95, p99] in seconds, of the ten seconds before each sample. */
  percentiles() {
    return this.differences(WINDOW).map(({ t, from, to }) => ({ t, values: from ? quantiles(from, to) : [null, null, null] }));
  }

  /** Each sample with the one before it that is `window` seconds older, or the nearest; none across a gap. */
  differences(window) {
    let oldest = 0;
    return this.samples.map((to, index) => {
      if (index === 0 || to.t - this.samples[index - 1].t > LONGEST_GAP) oldest = index;
      while (oldest < index - 1 && to.t - this.samples[oldest + 1].t >= window) oldest += 1;
      const from = oldest < index ? this.samples[oldest] : null;
      return { t: to.t, from, to, seconds: from && to.t - from.t };
    });
  }
}

function quantiles(from, to) {
  if (!to.counts) return [null, null, null];
  const counts = to.counts.map((n, index) => n - from.counts[index]);
  return [.5, .95, .99].map(q => quantile(q, to.bounds, counts));
}

/** The value below which `q` of the observations lie: linear within its bucket, as Prometheus estimates it. */
function quantile(q, bounds, counts) {
  const total = counts.at(-1);
  if (!total) return null;
  const rank = q * total, index = counts.findIndex(n => n >= rank);
  if (index >= bounds.length) return bounds.at(-1);
  const low = index ? bounds[index - 1] : 0, below = index ? counts[index - 1] : 0;
  return low + (bounds[index] - low) * (rank - below) / (counts[index] - below || 1);
}
