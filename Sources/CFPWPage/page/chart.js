/** The path of one series; a value that is missing breaks the line, one that stands alone becomes a dot. */
function curve(points, series, x, y) {
  let path = "", open = false;
  points.forEach((point, index) => {
    const value = point.values[series];
    if (value == null) return open = false;
    const alone = !open && points[index + 1]?.values[series] == null;
    path += `${open ? "L" : "M"}${x(point.t).toFixed(1)} ${y(value).toFixed(1)}${alone ? "h.01" : ""}`;
    open = true;
  });
  return path;
}

/** A figure with a live chart of the last five minutes. `lines` are { label, look }, `scale` makes { y, ticks }. */
class Chart {
  constructor({ title, lines, scale, format }) {
    Object.assign(this, { title, scale, format, points: [], hover: null });
    this.readings = lines.map(line => h("b"));
    this.caption = h("h2", {}, title);
    this.drawing = svg("svg", { role: "img" });
    this.paths = lines.map(line => svg(`path.curve.${line.look}`));
    this.area = svg(`path.area.${lines[0].look}`);
    this.grid = svg("g");
    this.cursor = svg("path.cursor");
    this.drawing.append(this.grid, this.area, ...this.paths.toReversed(), this.cursor);
    this.plot = h("div.plot", {
      pointermove: event => this.point(event.offsetX), pointerleave: () => this.point(null),
    }, this.drawing);
    const legend = lines.map((line, index) => h(`span.reading.key.${line.look}`, {}, line.label, this.readings[index]));
    this.figure = h("figure.card.chart", {}, h("figcaption", {}, this.caption, ...legend), this.plot);
    new ResizeObserver(([{ contentRect }]) => { this.size = contentRect; this.draw(); }).observe(this.plot);
  }

  /** Shows these points up to `now`; `current` are the values beside the labels. */
  show(points, now, current) {
    Object.assign(this, { points, now, current });
    this.draw();
  }

  point(x) {
    this.hover = x;
    this.draw();
  }

  draw() {
    if (!this.size?.width || this.now == null) return;
    const { width, height } = this.size;
    const left = 44, right = width - 8, top = 8, bottom = height - 24;
    const x = t => right - (this.now - t) / SHOWN * (right - left);
    const shown = this.points.filter(point => point.t >= this.now - SHOWN);
    const { share, ticks } = this.scale(shown.flatMap(point => point.values).filter(value => value != null));
    const y = value => bottom - Math.max(0, Math.min(1, share(value))) * (bottom - top);
    this.paths.forEach((path, index) => path.setAttribute("d", curve(shown, index, x, y)));
    this.area.setAttribute("d", this.areaBelow(shown, x, y, bottom));
    this.grid.replaceChildren(...this.lines(ticks, x, y, left, right, bottom));
    this.read(shown, x, top, bottom);
  }

  /** The surface between the first line and the axis, where that line has no gaps. */
  areaBelow(points, x, y, bottom) {
    const known = points.filter(point => point.values[0] != null);
    if (known.length < 2 || known.length < points.length - 1) return "";
    return `${curve(known, 0, x, y)}V${bottom}H${x(known[0].t).toFixed(1)}Z`;
  }

  lines(ticks, x, y, left, right, bottom) {
    const levels = ticks.flatMap(value => [
      svg("path.grid", { d: `M${left} ${Math.round(y(value)) + .5}H${right}` }),
      svg("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, this.format(value)),
    ]);
    const times = (right - left < 300 ? [0, 5] : [0, 1, 2, 3, 4, 5]).map(minutes => svg("text", {
      x: x(this.now - 60 * minutes), y: bottom + 18, "text-anchor": minutes ? "middle" : "end",
    }, minutes ? t("minutes", minutes) : t("now")));
    return [...levels, ...times];
  }

  /** The numbers: now, or where the pointer is. */
  read(points, x, top, bottom) {
    const distance = point => Math.abs(x(point.t) - this.hover);
    const nearer = (best, point) => best && distance(best) <= distance(point) ? best : point;
    const near = this.hover == null ? null : points.reduce(nearer, null);
    const values = (near ? near.values : this.current).map(value => value == null ? NONE : this.format(value, true));
    this.readings.forEach((reading, index) => say(reading, values[index]));
    say(this.caption, near ? `${this.title} · ${t("ago", Math.round(this.now - near.t))}` : this.title);
    this.cursor.setAttribute("d", near ? `M${x(near.t).toFixed(1)} ${top}V${bottom}` : "");
    if (!near) this.drawing.setAttribute("aria-label", t("chartNow", this.title, values.join(", ")));
  }
}

/** From zero to a round number above the largest value. */
function linearScale(values) {
  const most = Math.max(1, ...values), unit = 10 ** Math.floor(Math.log10(most));
  const top = [1, 2, 3, 4, 5, 6, 8, 10].map(n => n * unit).find(n => n >= most * 1.02) ?? 20 * unit;
  return { share: value => value / top, ticks: [0, top / 2, top] };
}

/** Powers of ten around the values, in seconds: a slow answer among fast ones leaves both to be seen. */
function decadeScale(values) {
  const least = Math.min(.01, ...values.map(value => Math.max(value, 1e-4))), most = Math.max(.1, ...values);
  const low = Math.floor(Math.log10(least) + 1e-9), high = Math.ceil(Math.log10(most) - 1e-9);
  const ticks = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
  return { share: value => (Math.log10(Math.max(value, 1e-9)) - low) / (high - low), ticks };
}
